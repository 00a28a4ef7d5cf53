using System.CommandLine;

namespace Ringfence.Commands;

/// <summary><c>ringfence calls</c>: calls in money.</summary>
internal static class CallsCommand
{
    public static Command Build() => new Verb("calls", "Calls in money: calls rate says what a number is and costs, calls report what the calls of CDRs came to, calls live what those in progress cost by now.")
    {
        Examples =
        [
            ("ringfence calls rate 0023276123456 --country DE", "what a number is, and what a call to it costs"),
            ("ringfence calls report /var/log/asterisk/cdr-csv/Master.csv", "what the calls of a file cost, and which stand out"),
            ("ringfence calls live", "what is on now, with its cost ticking"),
        ],
        Subcommands = { CallsRateCommand.Build(), CallsReportCommand.Build(), CallsLiveCommand.Build(), CallsStopsCommand.Build(), CallsStopsCommand.BuildLift() },
    };
}
