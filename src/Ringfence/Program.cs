using System.CommandLine;
using Ringfence.Commands;
using Ringfence.Sources;

(string Name, Func<Command> Build)[] verbs =
[
    ("init", () => InitCommand.Build(Rehearsal.Of, new SshPeers(TimeProvider.System).Read)),
    ("guard", GuardCommand.Build),
    ("status", StatusCommand.Build),
    ("bans", BansCommand.Build),
    ("ban", BanCommand.Build),
    ("unban", UnbanCommand.Build),
    ("trust", TrustCommand.Build),
    ("why", WhyCommand.Build),
    ("parse", ParseCommand.Build),
    ("replay", ReplayCommand.Build),
    ("rules", RulesCommand.Build),
    ("explain", ExplainCommand.Build),
];

return await CommandLine.RunAsync(args, verbs, Surroundings.OfProcess(), CancellationToken.None);
