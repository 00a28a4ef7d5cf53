using System.CommandLine;

namespace Ringfence.Commands;

/// <summary><c>ringfence calls</c>: calls in money.</summary>
internal static class CallsCommand
{
    public static Command Build() => new("calls", "Calls and what they cost.") { CallsRateCommand.Build(), CallsReportCommand.Build() };
}
