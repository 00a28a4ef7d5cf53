using System.Text;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Configuration;

/// <summary>Writes the ringfence.conf that fits a machine: what was found, why it is so, and what may be changed.</summary>
internal static class FirstConfig
{
    /// <summary>The text, of which <see cref="ConfigReader"/> reads every line without a mistake.</summary>
    public static string Text(MachineSurvey survey)
    {
        var text = new StringBuilder();
        text.Append("; ringfence.conf, written by `ringfence init`. Every key: docs/configuration.md.\n; What is commented out here holds by itself.\n");
        if (survey.AsteriskVersion is { } version)
        {
            Comment(text, $"Asterisk {version} was running.");
        }

        text.Append("\n[general]\n; office, strict, aggressive, or observe (decide and show, enforce nothing)\n;preset = office\n");
        if (survey.AsteriskDirectory != RingfenceConfig.Default.AsteriskDirectory)
        {
            text.Append($"asterisk_dir = {Value(survey.AsteriskDirectory)}\n");
        }

        Logs(text, survey.Logs);
        Trust(text, survey);
        Doors(text, survey);
        text.Append(survey.Fail2ban?.Settings);
        return text.ToString();
    }

    /// <summary>What the operator should know or do, a sentence each; empty if all is well.</summary>
    public static IReadOnlyList<string> Advice(MachineSurvey survey)
    {
        var advice = new List<string>();
        if (!survey.HasAsterisk)
        {
            advice.Add($"there is no Asterisk configuration in {survey.AsteriskDirectory}: name its directory with --asterisk DIR");
        }
        else
        {
            advice.AddRange(survey.Logs.Advice);
            if (survey.Control is { IsOpenToGroup: false })
            {
                advice.Add($"the service, which is not root, can't ask Asterisk which phones are registered, so they get no protection of their own: {ControlSocket.Cure}");
            }
        }

        advice.AddRange(survey.Logs.Problems.Concat(survey.Trunks.Problems).Select(problem => problem.ToString()));
        advice.AddRange(survey.Trunks.Hosts.Where(host => host.HasSrv).Select(host =>
            $"{host.Origin} names {Shown.Text(host.Name!)} without a port: Asterisk follows its SRV records, Ringfence trusts its own addresses only. If \"dig +short SRV _sip._udp.{Shown.Text(host.Name!)}\" names other hosts, write them into address in [trust]"));
        if (survey.Nft is null)
        {
            advice.Add("nft is not installed: Ringfence can only observe. Install the package nftables");
        }

        if (survey.Fail2banJails.Count > 0)
        {
            advice.Add($"fail2ban also guards Asterisk (jail {string.Join(", ", survey.Fail2banJails.Select(jail => Shown.Text(jail)))}): two programs that ban are hard to understand. "
                + $"Once Ringfence enforces, turn it off: fail2ban-client stop {Shown.Text(survey.Fail2banJails[0])}, and enabled = false in jail.local");
        }

        return advice;
    }

    private static void Logs(StringBuilder text, LogPlan logs)
    {
        text.Append("\n; The logs to watch. Found by themselves in logger.conf while no log is named here; now that is:\n");
        if (logs.Watch.Count == 0)
        {
            text.Append("; none\n");
        }

        foreach (var log in logs.Watch)
        {
            Comment(text, log.Rank switch
            {
                LogRank.SecurityJson => "security events as JSON: the best there is",
                LogRank.Security => "security events in a plain file",
                LogRank.NoticeOnly => "the level notice: shows what has no security event",
                LogRank.NoticeJson => "the level notice as JSON: what chan_sip and IAX2 refuse",
                LogRank.Mixed => $"several levels mixed: {logs.DoubtOf(log)}",
                LogRank.Useless => "nothing of use",
                _ => throw new System.Diagnostics.UnreachableException(),
            });
            text.Append($";log = {Value(log.Path)}\n");
        }
    }

    private static void Trust(StringBuilder text, MachineSurvey survey)
    {
        text.Append("\n[trust]\n; Addresses, networks and names that are never banned. Loopback and the machine's own addresses need no line.\n");
        foreach (var (card, network) in survey.Own.Select(own => (own.Interface, own.Network)).Distinct())
        {
            // Proposed only: an office network is full of phones, a provider's network of strangers' servers.
            Comment(text, $"the network of {card}; take the semicolon away if only your own machines are in it");
            text.Append($";address = {network}\n");
        }

        text.Append("\n; The trunks that Asterisk's configuration names");
        text.Append(survey.Trunks.Hosts.Count == 0 ? "; now there are none\n" : ", now:\n");
        foreach (var host in survey.Trunks.Hosts)
        {
            Comment(text, $"  {host.Network?.ToString() ?? host.Name}: {host.Origin}");
        }

        text.Append(";trunks = yes\n\n; Phones while they are registered\n;contacts = yes\n\n; Where somebody is logged in by ssh from");
        text.Append(survey.SshPeers.Count == 0 ? "\n" : $", now {string.Join(", ", survey.SshPeers)}\n");
        text.Append(";ssh = yes\n");
    }

    private static void Doors(StringBuilder text, MachineSurvey survey)
    {
        // What fail2ban's jails become is there already.
        foreach (var door in survey.Doors.Where(door => survey.Fail2ban is not { } taken || !taken.Settings.Contains($"\nkind = {DoorSettings.NameOf(door.Kind)}\n", StringComparison.Ordinal)))
        {
            text.Append($"\n; Logins at another door of this machine; take the section away if somebody else guards it.\n[door {door.Name}]\nkind = {DoorSettings.NameOf(door.Kind)}\n");
            foreach (var log in door.Logs)
            {
                text.Append($"log = {Value(log)}\n");
            }

            text.Append(door.Journal is { } journal ? $"journal = {journal}\n" : "");
        }
    }

    private static void Comment(StringBuilder text, string line) => text.Append("; ").Append(Shown.Text(line, 400)).Append('\n');

    // A path with a line end or a semicolon in it must not become another key.
    private static string Value(string text) => Shown.Text(text, 4_096).Replace(";", "\\;", StringComparison.Ordinal);
}
