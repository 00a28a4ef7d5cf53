using System.CommandLine;
using Ringfence.Api;

namespace Ringfence.Commands;

/// <summary><c>ringfence ban</c>: ban by hand.</summary>
internal static class BanCommand
{
    public static Command Build()
    {
        var address = NetworkArgument.Create("Whom to ban.", ArgumentArity.ExactlyOne);
        var duration = SharedOptions.For("For how long (default: bans.first_ban of the configuration).");
        var permanent = new Option<bool>("--permanent") { Description = "For ever." };
        var reason = SharedOptions.Reason("banned by hand");
        var force = new Option<bool>("--force") { Description = "Ban even what is trusted, or the PBX's own address." };
        var dryRun = SharedOptions.DryRun();
        var json = SharedOptions.Json();
        var config = ConfigOption.Create();
        var verb = new Verb("ban", "Ban an address or a network.")
        {
            Examples =
            [
                ("ringfence ban 203.0.113.5", "for as long as a first ban lasts"),
                ("ringfence ban 203.0.113.0/24 --for 7d --reason \"scans us nightly\"", "a network, for a week"),
                ("ringfence ban 2001:db8:66::/48 --permanent --dry-run", "what would happen"),
            ],
        };
        verb.Add(address);
        verb.Add(duration);
        verb.Add(permanent);
        verb.Add(reason);
        verb.Add(force);
        verb.Add(dryRun);
        verb.Add(json);
        verb.Add(config);
        verb.Checks(result =>
        {
            if (result.GetResult(duration) is not null && result.GetValue(permanent))
            {
                result.AddError("--for and --permanent exclude each other.");
            }
        });
        return verb.Does(async (parsed, surroundings, stop) =>
        {
            var settings = surroundings.ReadConfigToAsk(parsed.GetValue(config));
            var length = parsed.GetValue(permanent) ? (TimeSpan?)null : parsed.GetValue(duration) ?? settings.Bans.FirstBan;
            var request = new BanRequest(
                parsed.GetRequiredValue(address)!.Value, length, parsed.GetRequiredValue(reason).Trim(), parsed.GetValue(force), parsed.GetValue(dryRun));
            if (Limits.ProblemOf(request) is { } problem)
            {
                throw new MistakeException(problem);
            }

            using var daemon = new DaemonClient(settings.Socket);
            return ChangeOutput.Print(await daemon.BanAsync(request, stop), surroundings, parsed.GetValue(json));
        });
    }
}
