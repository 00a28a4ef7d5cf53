using System.CommandLine;
using System.CommandLine.Parsing;
using Ringfence.Api;
using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Output;

namespace Ringfence.Commands;

/// <summary><c>ringfence trust</c>: who is never banned.</summary>
internal static class TrustCommand
{
    public static Command Build()
    {
        var address = NetworkArgument.Create("Whom to trust; left out: list whom Ringfence trusts, and why.", ArgumentArity.ZeroOrOne);
        var duration = SharedOptions.For("For how long (default: for ever).");
        var reason = SharedOptions.Reason("trusted by hand");
        var remove = new Option<bool>("--remove") { Description = "Trust it no longer." };
        var dryRun = SharedOptions.DryRun();
        var json = SharedOptions.Json();
        var config = ConfigOption.Create();
        var verb = new Verb("trust", "Never ban an address or a network; without one, list who is trusted and why.")
        {
            Examples =
            [
                ("ringfence trust", "list"),
                ("ringfence trust 198.51.100.20 --reason \"office in Graz\"", "never ban it; lifts its ban"),
                ("ringfence trust 198.51.100.20 --for 2h", "while the technician is at work"),
                ("ringfence trust 198.51.100.20 --remove", "as before"),
            ],
        };
        verb.Add(address);
        verb.Add(duration);
        verb.Add(reason);
        verb.Add(remove);
        verb.Add(dryRun);
        verb.Add(json);
        verb.Add(config);
        verb.Checks(result => Check(result, address, [duration, reason, remove, dryRun], remove, duration));
        return verb.Does(async (parsed, surroundings, stop) =>
        {
            var settings = surroundings.ReadConfigToAsk(parsed.GetValue(config));
            using var daemon = new DaemonClient(settings.Socket);
            var asJson = parsed.GetValue(json);
            if (parsed.GetValue(address) is not { } subject)
            {
                return List(await daemon.TrustedAsync(stop), surroundings, asJson);
            }

            if (parsed.GetValue(remove))
            {
                return ChangeOutput.Print(await daemon.UntrustAsync(subject, parsed.GetValue(dryRun), stop), surroundings, asJson);
            }

            var request = new TrustRequest(subject, parsed.GetValue(duration), parsed.GetRequiredValue(reason).Trim(), parsed.GetValue(dryRun));
            return Limits.ProblemOf(request) is { } problem
                ? throw new MistakeException(problem)
                : ChangeOutput.Print(await daemon.TrustAsync(request, stop), surroundings, asJson);
        });
    }

    private static void Check(
        CommandResult result, Argument<Network?> address, Option[] needAddress, Option<bool> remove, Option<TimeSpan?> duration)
    {
        var hasAddress = result.GetResult(address) is { Tokens.Count: > 0 };
        foreach (var option in needAddress.Where(option => !hasAddress && result.GetResult(option) is { Implicit: false }))
        {
            result.AddError($"{option.Name} needs an address.");
        }

        if (result.GetValue(remove) && result.GetResult(duration) is not null)
        {
            result.AddError("--remove and --for exclude each other.");
        }
    }

    private static int List(TrustListReport report, Surroundings surroundings, bool asJson)
    {
        var screen = new Screen(surroundings);
        if (asJson)
        {
            screen.Json(report, ApiJson.Default.TrustListReport);
            return ExitCode.Fine;
        }

        var rows = report.Trust.OrderBy(trust => trust.Subject).Select(trust => new Span[]
        {
            trust.Subject.ToString(),
            trust.Until is { } until ? $"{Duration.Words(until - report.Now)} left" : "",
            trust.Source,
            trust.Reason,
        });
        screen.Table(["Trusted", "Ends", "Source", "Why"], [.. rows]);
        return ExitCode.Fine;
    }
}
