using System.CommandLine;
using System.Security.Cryptography;
using Ringfence.Api;
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
        var login = new Option<string?>("--password") { Description = "Draw a password for the page of [page], and print the line of ringfence.conf with its hash.", HelpName = "NAME" };
        var close = new Option<string?>("--close") { Description = "On the PBX: shut the doors of a user, of an address, or of whoever came by ports (*).", HelpName = "NAME" };
        var json = SharedOptions.Json();
        var config = ConfigOption.Create();
        var keyFile = new Option<string?>("--key-file") { Description = "The file with one's secret, as --new printed it.", HelpName = "FILE" };
        var port = new Option<int?>("--port") { Description = "knock_port of [roaming] there (default: 62201).", HelpName = "NUMBER" };
        var address = new Option<string?>("--address") { Description = "Open for this address; without it for the one that the packet comes from, which behind NAT is the router's.", HelpName = "ADDRESS" };
        var verb = new Verb("knock", "Open the door of a PBX for the address that you are at, by one packet that only you can make. There is no answer: try to register.")
        {
            Examples =
            [
                ("ringfence knock --new anna", "on the PBX: a secret for her, once for ringfence.conf and once for her side"),
                ("ringfence knock --password anna", "on the PBX: a password for the page, and its hash for ringfence.conf"),
                ("ringfence knock --close anna", "on the PBX: shut her doors now"),
                ("ringfence knock pbx.example.com --key-file anna.knock", "on her side: opens for where she is"),
            ],
        };
        verb.Add(host);
        verb.Add(user);
        verb.Add(login);
        verb.Add(close);
        verb.Add(json);
        verb.Add(config);
        verb.Add(keyFile);
        verb.Add(port);
        verb.Add(address);
        verb.Checks(result =>
        {
            foreach (var (option, name) in new[] { ("--new", result.GetValue(user)), ("--password", result.GetValue(login)) })
            {
                if (name is not null && RoamingKeys.Named.WrongName(name, isTaken: false) is not null)
                {
                    result.AddError($"{option}: expected a name of letters, digits, - _ . such as anna");
                }
            }

            if (new[] { result.GetValue(host), result.GetValue(user), result.GetValue(login), result.GetValue(close) }.Count(static one => one is not null) != 1)
            {
                result.AddError("expected one of HOST with --key-file FILE, --new NAME, --password NAME and --close NAME");
            }
            else if (result.GetValue(host) is not null && result.GetValue(keyFile) is null)
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

            if (parsed.GetValue(login) is { } known)
            {
                PrintPassword(known, screen);
                return ExitCode.Fine;
            }

            if (parsed.GetValue(close) is { } who)
            {
                using var daemon = new DaemonClient(surroundings.ReadConfigToAsk(parsed.GetValue(config)).Socket);
                return Closed(who, await daemon.CloseDoorAsync(who, stop), parsed.GetValue(json), screen);
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

    private static void PrintPassword(string name, Screen screen)
    {
        var password = PagePassword.Draw(RandomNumberGenerator.GetBytes(PagePassword.DrawnBytes));
        screen.Line($"; the password, which is nowhere kept: for {name} alone, by a safe way");
        screen.Verbatim($"; {password}");
        screen.Verbatim("");
        screen.Line("; in ringfence.conf on the PBX, beside a secret if there is one; then: systemctl restart ringfence");
        screen.Verbatim($"[knock {name}]");
        screen.Verbatim($"password = {PagePassword.Of(password, RandomNumberGenerator.GetBytes(PagePassword.SaltBytes)).Text}");
    }

    private static int Closed(string who, DoorsClosedReport report, bool isJson, Screen screen)
    {
        if (isJson)
        {
            screen.Json(report, ApiJson.Default.DoorsClosedReport);
        }
        else if (report.Closed.Count == 0)
        {
            screen.Line($"No door is open for {who}.");
        }

        foreach (var door in isJson ? [] : report.Closed)
        {
            screen.Line($"Shut for {door.Address} ({door.User}). What he has open stays until it is quiet; end it: ringfence ban {door.Address}");
        }

        return report.Closed.Count == 0 ? ExitCode.Found : ExitCode.Fine;
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
