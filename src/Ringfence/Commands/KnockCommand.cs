using System.CommandLine;
using System.Security.Cryptography;
using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Core.Knock;
using Ringfence.Output;
using Ringfence.Sources;

namespace Ringfence.Commands;

/// <summary><c>ringfence knock</c>: opens the door of a PBX for the address that one is at.</summary>
internal static class KnockCommand
{
    public static Command Build()
    {
        var host = new Argument<string?>("host") { Description = "The PBX, by name or address.", HelpName = "HOST", Arity = ArgumentArity.ZeroOrOne };
        var user = new Option<string?>("--new") { Description = "Draw a secret for a new user, and print his section of ringfence.conf and the file for his side.", HelpName = "NAME" };
        var keyFile = new Option<string?>("--key-file") { Description = "The file with one's secret, as --new printed it.", HelpName = "FILE" };
        var port = new Option<int?>("--port") { Description = "knock_port of [roaming] there (default: 62201).", HelpName = "NUMBER" };
        var address = new Option<string?>("--address") { Description = "Open for this address; without it for the one that the packet comes from, which behind NAT is the router's.", HelpName = "ADDRESS" };
        var verb = new Verb("knock", "Open the door of a PBX for the address that you are at, by one packet that only you can make. There is no answer: try to register.")
        {
            Examples =
            [
                ("ringfence knock --new anna", "on the PBX: a secret for her, once for ringfence.conf and once for her side"),
                ("ringfence knock pbx.example.com --key-file anna.knock", "on her side: opens for where she is"),
            ],
        };
        verb.Add(host);
        verb.Add(user);
        verb.Add(keyFile);
        verb.Add(port);
        verb.Add(address);
        verb.Validators.Add(result =>
        {
            if (result.GetValue(user) is { } name)
            {
                if (RoamingKeys.Named.WrongName(name, isTaken: false) is not null)
                {
                    result.AddError("--new: expected a name of letters, digits, - _ . such as anna");
                }
            }
            else if (result.GetValue(host) is null || result.GetValue(keyFile) is null)
            {
                result.AddError("expected HOST and --key-file FILE, or --new NAME");
            }

            if (result.GetValue(port) is < 1 or > 65_535)
            {
                result.AddError("--port: expected a number from 1 to 65535");
            }

            if (result.GetValue(address) is { } text && Address.Parse(text) is null)
            {
                result.AddError("--address: expected an address such as 203.0.113.5 or 2001:db8::1");
            }
        });
        return verb.Does(async (parsed, surroundings, stop) =>
        {
            var screen = new Screen(surroundings);
            if (parsed.GetValue(user) is { } name)
            {
                Print(new KnockKey(name, RandomNumberGenerator.GetBytes(KnockKey.SecretBytes)), screen);
                return ExitCode.Fine;
            }

            var path = parsed.GetValue(keyFile)!;
            var key = KnockKey.ParseFile(new StateFile(path, longestBytes: 4096).Read() ?? throw new MistakeException($"{path}: no such file"))
                ?? throw new MistakeException($"{path}: holds no key: expected the line that `ringfence knock --new NAME` prints, beginning with ringfence-knock");
            var sent = await KnockSender.SendAsync(
                key, parsed.GetValue(host)!, (ushort)(parsed.GetValue(port) ?? new RoamingSettings().Port), parsed.GetValue(address) is { } text ? Address.Parse(text) : null, surroundings.Clock, stop);
            screen.Line($"Knocked at {string.Join(" and ", sent)}. It never answers: try to register.");
            return ExitCode.Fine;
        });
    }

    private static void Print(KnockKey key, Screen screen)
    {
        screen.Line("; in ringfence.conf on the PBX, which only root may read; then: systemctl restart ringfence");
        screen.Verbatim($"[knock {key.User}]");
        screen.Verbatim($"secret = {key.SecretText}");
        screen.Verbatim("");
        screen.Line($"; a file on {key.User}'s side, readable to nobody else; bring it there over a safe way");
        screen.Verbatim(key.FileText.TrimEnd());
    }
}
