using System.CommandLine;
using Ringfence.Api;
using Ringfence.Output;

namespace Ringfence.Commands;

/// <summary><c>ringfence calls live</c>: calls in progress, with what they cost by now.</summary>
internal static class CallsLiveCommand
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LookForKey = TimeSpan.FromMilliseconds(50);

    // ECMA-48 with xterm's alternate screen: what stood there before comes back.
    private const string Enter = "\e[?1049h\e[?25l";
    private const string Leave = "\e[?25h\e[?1049l";

    public static Command Build()
    {
        var watch = new Option<bool>("--watch") { Description = "Every second again: with --json a line each, without a terminal a table each. On a terminal it does so anyway." };
        var json = SharedOptions.Json();
        var config = ConfigOption.Create();
        var verb = new Verb("live", "Calls to outside in progress, with what they cost by now, and what is stopped. q leaves it.")
        {
            Examples =
            [
                ("ringfence calls live", "a screen that ticks"),
                ("ringfence calls live --json --watch", "a line each second, for scripts"),
            ],
        };
        verb.Add(watch);
        verb.Add(json);
        verb.Add(config);
        return verb.Does(async (parsed, surroundings, stop) =>
        {
            using var daemon = new DaemonClient(surroundings.ReadConfigToAsk(parsed.GetValue(config)).Socket);
            var screen = new Screen(surroundings);
            if (surroundings.IsTerminal && !parsed.GetValue(json) && !Console.IsInputRedirected)
            {
                return await FollowAsync(daemon, surroundings, stop);
            }

            while (true)
            {
                Print(await daemon.LiveCallsAsync(stop), screen, parsed.GetValue(json));
                if (!parsed.GetValue(watch))
                {
                    return ExitCode.Fine;
                }

                await Task.Delay(Every, surroundings.Clock, stop);
            }
        });
    }

    private static void Print(LiveCallsReport report, Screen screen, bool asJson)
    {
        if (asJson)
        {
            screen.Json(report, ApiJson.Default.LiveCallsReport);
            return;
        }

        screen.Line(LiveScreen.Sums(report));
        if (report.Problem is { } problem)
        {
            screen.Line(new Span($"! {problem}", Tone.Bad));
        }

        if (report.Note is { } note)
        {
            screen.Line(note);
        }

        if (report.Source != "live")
        {
            foreach (var place in report.Records)
            {
                screen.Line(LiveScreen.Records(place, report.Now));
            }
        }

        foreach (var stop in report.Stops.Where(LiveScreen.Holds))
        {
            screen.Line(new Span(LiveScreen.Stop(stop, report.Now), Tone.Warning));
        }

        screen.Table(LiveScreen.Headings, LiveScreen.Rows(report), isNamed: true);
    }

    private static async Task<int> FollowAsync(DaemonClient daemon, Surroundings surroundings, CancellationToken stop)
    {
        await surroundings.Output.WriteAsync(Enter);
        try
        {
            while (true)
            {
                // Over what stands there, each line to its end, and then whatever is below: nothing flickers.
                var lines = LiveScreen.Lines(await daemon.LiveCallsAsync(stop), Console.WindowWidth, Console.WindowHeight);
                await surroundings.Output.WriteAsync($"\e[H{string.Join("\e[K\r\n", lines)}\e[K\e[J");
                await surroundings.Output.FlushAsync(stop);
                for (var waited = TimeSpan.Zero; waited < Every; waited += LookForKey)
                {
                    if (Console.KeyAvailable && Console.ReadKey(intercept: true).KeyChar is 'q' or 'Q')
                    {
                        return ExitCode.Fine;
                    }

                    await Task.Delay(LookForKey, surroundings.Clock, stop);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Ctrl-C is a way to leave as q is.
            return ExitCode.Fine;
        }
        finally
        {
            await surroundings.Output.WriteAsync(Leave);
            await surroundings.Output.FlushAsync(CancellationToken.None);
        }
    }
}
