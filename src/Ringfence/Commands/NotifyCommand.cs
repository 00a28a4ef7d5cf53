using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Api;
using Ringfence.Core.Configuration;
using Ringfence.Notifiers;
using Ringfence.Output;

namespace Ringfence.Commands;

/// <summary><c>ringfence notify test</c>: does what is configured under [notify NAME] arrive?</summary>
internal static class NotifyCommand
{
    public static Command Build()
    {
        var name = new Argument<string?>("name") { Description = "The receiver, as [notify NAME] names it; all, if none is given.", Arity = ArgumentArity.ZeroOrOne };
        var json = SharedOptions.Json();
        var config = ConfigOption.Create();
        IReadOnlyList<(string, string)> examples =
        [
            ("ringfence notify test", "tell everybody that is configured"),
            ("ringfence notify test boss", "tell the one of the section [notify boss]"),
        ];
        var test = new Verb("test", "Send a test notice now, as the guard sends its own, and say what each receiver answered. Exit code 3 where one did not take it.") { Examples = examples };
        test.Add(name);
        test.Add(json);
        test.Add(config);
        var verb = new Verb("notify", "Whether notices arrive: notify test sends one now.") { Examples = examples };
        verb.Add(test.Does(async (parsed, surroundings, stop) =>
        {
            var settings = surroundings.ReadConfigToAsk(parsed.GetValue(config));
            var report = await TestAsync(settings, parsed.GetValue(name), surroundings, stop);
            var screen = new Screen(surroundings);
            if (parsed.GetValue(json))
            {
                screen.Json(report, ApiJson.Default.NotifyTestReport);
            }
            else
            {
                foreach (var result in report.Results)
                {
                    screen.Line(new Span(result.Taken ? "told    " : "NOT told", result.Taken ? Tone.Good : Tone.Bad), $"  {result.Name} ({result.Kind}): {result.Answer}");
                }
            }

            return report.Results.All(result => result.Taken) ? ExitCode.Fine : ExitCode.WorldFailed;
        }));
        return verb;
    }

    // The daemon's own user, network and rights are what counts; without a daemon ours have to do.
    private static async Task<NotifyTestReport> TestAsync(RingfenceConfig settings, string? name, Surroundings surroundings, CancellationToken stop)
    {
        using var daemon = new DaemonClient(settings.Socket);
        try
        {
            return await daemon.NotifyTestAsync(name, stop);
        }
        catch (RefusedException refused) when (settings.Notify.Notifiers.Any(notifier => name is null || notifier.Name == name))
        {
            var guard = OneGuard.HolderOf(settings.Socket) is { } process ? GuardProcess.Of(process) : null;
            throw new RefusedException($"{refused.Message}\nringfence.conf has it: the guard has not read the file since it changed; restart it: {GuardProcess.Restart(guard)}");
        }
        catch (NotRunningException)
        {
            new Screen(surroundings).Note("ringfence: no guard runs: this process sends, with its own rights");
            using var notices = new Notices(settings.Notify, "/nowhere", surroundings.Clock, NullLogger.Instance);
            return await NotifyTest.RunAsync(notices.Receivers, name, surroundings.Clock, stop);
        }
    }
}
