using System.CommandLine;

namespace Ringfence.Output;

/// <summary>Where a process prints and for whom: streams, terminal, clock.</summary>
internal abstract class PrintSettings : InvocationConfiguration
{
    public required TimeProvider Clock { get; init; }

    /// <summary>Output is a terminal: tables may have lines and fit its width.</summary>
    public required bool IsTerminal { get; init; }

    /// <summary>Errors go to a terminal: a progress bar may be drawn there.</summary>
    public required bool IsErrorTerminal { get; init; }

    /// <summary>Output is a terminal and NO_COLOR is not set (no-color.org: any value that is not empty).</summary>
    public required bool IsColoured { get; init; }

    /// <summary>Columns of the terminal; 80 where there is none.</summary>
    public required int Width { get; init; }
}
