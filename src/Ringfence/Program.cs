using System.CommandLine;
using Ringfence.Commands;

(string Name, Func<Command> Build)[] verbs =
[
    ("guard", GuardCommand.Build),
];

return await CommandLine.RunAsync(args, verbs, Surroundings.OfProcess(), CancellationToken.None);
