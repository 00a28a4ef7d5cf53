using System.CommandLine;
using Ringfence.Api;
using Ringfence.Output;

namespace Ringfence.Commands;

/// <summary><c>ringfence unban</c>: lift a ban.</summary>
internal static class UnbanCommand
{
    public static Command Build()
    {
        var address = NetworkArgument.Create("Whose ban to lift: as `ringfence bans` prints it.", ArgumentArity.ExactlyOne);
        var dryRun = SharedOptions.DryRun();
        var json = SharedOptions.Json();
        var config = ConfigOption.Create();
        var verb = new Verb("unban", "Lift a ban. Exit code 3 where a network that holds the address is banned still.")
        {
            Examples =
            [
                ("ringfence unban 203.0.113.5", "let it in again; it may be banned again"),
                ("ringfence trust 203.0.113.5", "let it in, and never ban it again"),
            ],
        };
        verb.Add(address);
        verb.Add(dryRun);
        verb.Add(json);
        verb.Add(config);
        return verb.Does(async (parsed, surroundings, stop) =>
        {
            var settings = surroundings.ReadConfigToAsk(parsed.GetValue(config));
            using var daemon = new DaemonClient(settings.Socket);
            var subject = parsed.GetRequiredValue(address)!.Value;
            try
            {
                return ChangeOutput.Print(await daemon.UnbanAsync(subject, parsed.GetValue(dryRun), stop), surroundings, parsed.GetValue(json));
            }
            catch (NotRunningException)
            {
                new Screen(surroundings).Note($"Without a guard: ringfence free {subject}");
                throw;
            }
        });
    }
}
