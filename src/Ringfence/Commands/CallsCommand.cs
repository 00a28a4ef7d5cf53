using System.CommandLine;

namespace Ringfence.Commands;

/// <summary><c>ringfence calls</c>: what calls cost.</summary>
internal static class CallsCommand
{
    public static Command Build() => new("calls", "Calls and what they cost.") { CallsRateCommand.Build() };
}
