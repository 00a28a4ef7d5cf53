using System.Text;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Core.Parsing;
using Ringfence.Core.Pbx;

namespace Ringfence.Sources;

/// <summary>Looks at the machine for <c>ringfence init</c>. Changes nothing.</summary>
internal static class MachineLook
{
    /// <param name="directory">Asterisk's configuration directory.</param>
    /// <param name="sshPeers">From where somebody is logged in by ssh.</param>
    public static async Task<MachineSurvey> SurveyAsync(string directory, IConfigFiles files, IEnumerable<Address> sshPeers, TimeProvider clock, CancellationToken stop)
    {
        var asterisk = new AsteriskCli("asterisk", directory, clock);
        var version = await asterisk.AskAsync("core show version", stop);
        var phones = await new RegisteredContacts(asterisk).ReadAsync(stop);
        var nft = await ShortCommand.RunAsync("nft", ["--version"], clock, stop);
        var fail2ban = await ShortCommand.RunAsync("fail2ban-client", ["status"], clock, stop);
        var sockets = await ShortCommand.RunAsync(HostFact.Sockets.Command[0], [.. HostFact.Sockets.Command.Skip(1)], clock, stop);
        return new MachineSurvey
        {
            AsteriskDirectory = directory,
            AsteriskVersion = AsteriskVersionOf(Encoding.UTF8.GetString(version.Output)),
            HasAsterisk = files.Read($"{directory}/asterisk.conf") is not null || files.Read($"{directory}/logger.conf") is not null
                || files.Read($"{directory}/pjsip.conf") is not null,
            Logs = LoggerConf.Read(directory, files, Environment.MachineName),
            Trunks = Trunks.Read(directory, files),
            Manager = ManagerAccount.Read(directory, files),
            Hep = HepConf.Read(directory, files),
            Control = ControlSocket.Read(directory, files),
            Country = SiteCountry.Of(directory, files, clock.LocalTimeZone.Id),
            Own = [.. OwnNetwork.Read().Select(own => (own.Interface, own.Address, own.Network))],
            SshPeers = [.. sshPeers],
            Ports = Core.Perimeter.AsteriskPorts.Read(directory, files, SshdSettings.Read("/etc/ssh").Ports),
            Listening = sockets.Problem is not null ? []
                : Core.Host.ListeningSocket.All(new PbxSnapshot(directory, files, null, new Dictionary<string, string>(StringComparer.Ordinal) { [HostFact.Sockets.Name] = Encoding.UTF8.GetString(sockets.Output) })),
            Phones = phones.Problem is null ? PhonesOf(phones.Contacts, clock.GetUtcNow(), directory, files) : null,
            Nft = nft.Problem is null ? Encoding.UTF8.GetString(nft.Output).Split('\n')[0].Trim() : null,
            Doors = await DoorsAsync(directory, files, clock, stop),
            HasFail2banFiles = files.Match("/etc/fail2ban/jail.local").Count + files.Match("/etc/fail2ban/jail.d/*.local").Count > 0,
            Fail2banJails = fail2ban.Problem is null ? AsteriskJails(Encoding.UTF8.GetString(fail2ban.Output)) : [],
        };
    }

    // As the guard does, but for the logins that it saw itself.
    private static List<(Address, string)> PhonesOf(IReadOnlyList<RegisteredContact> contacts, DateTimeOffset now, string directory, IConfigFiles files) =>
        [.. ContactTrust.Entries(contacts, now, ContactTrust.RewrittenContacts(directory, files), static _ => null).Select(entry => (entry.Network.First, entry.Reason))];

    /// <summary>Doors that most PBX machines have, where their logs are.</summary>
    private static async Task<IReadOnlyList<DoorSettings>> DoorsAsync(string directory, IConfigFiles files, TimeProvider clock, CancellationToken stop)
    {
        var doors = new List<DoorSettings>();

        // Debian and its children; Red Hat's.
        var hasSshd = files.Match("/etc/ssh/sshd_config").Count > 0 && files.Match("/run/systemd/journal/*").Count > 0;
        if (await SshdPlace.FindAsync(["/var/log/auth.log", "/var/log/secure"], hasSshd, "journalctl", files, clock.LocalTimeZone, clock, stop) is { } sshd)
        {
            doors.Add(sshd);
        }

        var freePbx = $"{LoggerConf.LogDirectory(directory, files)}/freepbx_security.log";
        if (files.Match(freePbx).Count > 0)
        {
            doors.Add(new DoorSettings { Name = "freepbx", Kind = DoorKind.FreePbx, Logs = [freePbx] });
        }

        return doors;
    }

    /// <param name="answer">"Asterisk 22.10.1~dfsg built by root @ ... on 2026-07-20 ... UTC"</param>
    /// <returns>null if it is no such answer.</returns>
    public static string? AsteriskVersionOf(string answer) =>
        answer.Split('\n').FirstOrDefault(line => line.StartsWith("Asterisk ", StringComparison.Ordinal)) is { } line
            && line.Split(' ')[1].Trim() is { Length: > 0 } version ? version : null;

    /// <param name="status">What "fail2ban-client status" prints; its last line is "`- Jail list:	asterisk, sshd".</param>
    public static IReadOnlyList<string> AsteriskJails(string status)
    {
        const string List = "Jail list:";
        var at = status.IndexOf(List, StringComparison.Ordinal);
        return at < 0
            ? []
            : [.. status[(at + List.Length)..].Split('\n')[0].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Where(jail => jail.Contains("asterisk", StringComparison.OrdinalIgnoreCase) || jail.Contains("pbx", StringComparison.OrdinalIgnoreCase)
                    || jail.Contains("sip", StringComparison.OrdinalIgnoreCase))];
    }
}
