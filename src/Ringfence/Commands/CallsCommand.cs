using System.CommandLine;

namespace Ringfence.Commands;

/// <summary><c>ringfence calls</c>: calls in money.</summary>
internal static class CallsCommand
{
    public static Command Build() => new Verb("calls", "Calls in money: what a number is and costs, what the calls of CDRs came to, what limits would have stopped, and what is on now.")
    {
        Examples =
        [
            ("ringfence calls rate 0023276123456 --country DE", "what a number is, and what a call to it costs"),
            ("ringfence calls report /var/log/asterisk/cdr-csv/Master.csv", "what the calls of a file cost, and which stand out"),
            ("ringfence calls live", "what is on now, with its cost ticking"),
        ],
        Subcommands =
        {
            CallsRateCommand.Build(),
            CallsReportCommand.Build(),
            CallsBacktestCommand.Build(),
            CallsLiveCommand.Build(),
            CallsStopsCommand.Build(),
            CallsStopsCommand.BuildLift(),
            CallsLimitsCommand.Build(),
            CallsGateCommand.Build(),
            CallsPinCommand.Build(),
        },
    };
}
