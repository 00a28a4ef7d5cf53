using System.CommandLine;
using Ringfence.Commands;
using Ringfence.Sources;

namespace Ringfence;

internal static class Program
{
    /// <summary>The verbs, in the order of the help.</summary>
    public static readonly IReadOnlyList<(string Name, Func<Command> Build)> Verbs =
    [
        ("init", () => InitCommand.Build(Rehearsal.Of, new SshPeers(TimeProvider.System).Read)),
        ("guard", GuardCommand.Build),
        ("status", StatusCommand.Build),
        ("bans", BansCommand.Build),
        ("ban", BanCommand.Build),
        ("unban", UnbanCommand.Build),
        ("trust", TrustCommand.Build),
        ("why", WhyCommand.Build),
        ("free", FreeCommand.Build),
        ("firewall", () => FirewallCommand.Build()),
        ("feeds", FeedsCommand.Build),
        ("outer", OuterCommand.Build),
        ("geo", GeoCommand.Build),
        ("knock", KnockCommand.Build),
        ("calls", CallsCommand.Build),
        ("notify", NotifyCommand.Build),
        ("parse", ParseCommand.Build),
        ("replay", ReplayCommand.Build),
        ("audit", AuditCommand.Build),
        ("rules", RulesCommand.Build),
        ("explain", ExplainCommand.Build),
    ];

    public static Task<int> Main(string[] args)
    {
        // "parse -" reads a log from there, "calls pin set" a PIN, and "calls live" keys while the terminal is its own.
        if (!args.Contains("-", StringComparer.Ordinal) && args is not ["calls", "pin", ..] && !(args is ["calls", "live", ..] && StandardInput.IsForeground))
        {
            StandardInput.LetGoOfTerminal();
        }

        return CommandLine.RunAsync(args, Verbs, Surroundings.OfProcess(), CancellationToken.None);
    }
}
