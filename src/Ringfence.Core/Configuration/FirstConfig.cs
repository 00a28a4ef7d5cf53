using System.Text;
using Ringfence.Core.Numbers;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Configuration;

/// <summary>Writes the ringfence.conf that fits a machine: what was found, why it is so, and what may be changed.</summary>
internal static class FirstConfig
{
    /// <summary>The text, of which <see cref="ConfigReader"/> reads every line without a mistake.</summary>
    /// <param name="hepPassword">What hep.conf has, or will have; null: the key is not written.</param>
    public static string Text(MachineSurvey survey, string? hepPassword = null)
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
        Messages(text, survey.Hep, hepPassword);
        Manager(text, survey.Manager);
        Calls(text, survey.Country);
        Trust(text, survey);
        Doors(text, survey);
        text.Append(survey.Fail2ban?.Settings);
        Perimeter.ProposedPolicy.Append(text, survey, survey.Ports);
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
            if (HepAdvice(survey.Hep) is { } advised)
            {
                advice.Add(advised);
            }

            if (survey.Control is { IsOpenToGroup: false })
            {
                advice.Add($"the service, which is not root, can't ask Asterisk which phones are registered, so they get no protection of their own: {ControlSocket.Cure}");
            }
        }

        if (survey.Manager is { } manager)
        {
            if (!manager.Exists)
            {
                advice.Add($"Asterisk's manager interface can tell security events at once, and where no log holds them, and calls to the toll-fraud brake: ringfence init --write-ami adds a user that may hear both and end calls to {manager.File}");
            }
            else if (!manager.HearsSecurity)
            {
                advice.Add($"the user {ManagerAccount.Name} of manager.conf may not hear security events: let its section have read = security");
            }
            else if (!manager.MayBrake)
            {
                advice.Add($"the user {ManagerAccount.Name} of manager.conf may not hear of calls and end them, so there is no brake against toll fraud: let its section have read = security,call and write = call, then asterisk -rx \"manager reload\"");
            }

            if (!manager.IsEnabled)
            {
                advice.Add("the manager interface is off: set enabled = yes and bindaddr = 127.0.0.1 in [general] of manager.conf, then asterisk -rx \"manager reload\"");
            }
        }

        if (survey.HasFail2banFiles && survey is { Fail2banJails.Count: 0, Fail2ban: null })
        {
            advice.Add("fail2ban's configuration is here: ringfence init --from-fail2ban takes over its jails, ignored addresses and times");
        }

        if (survey.Country is { IsSure: true } country)
        {
            advice.Add($"[calls] has country = {country.Code} ({country.Why}): once the manager's user may end calls, the guard ends those that break a limit. ringfence calls backtest says whom it would have stopped, ringfence calls limits what holds");
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
                + (survey.Fail2ban is null ? "ringfence init --from-fail2ban takes over its jails, ignored addresses and times. " : "")
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

    private static void Manager(StringBuilder text, ManagerAccount? manager)
    {
        if (manager is not { Secret: { Length: > 0 } secret })
        {
            return;
        }

        text.Append("\n[ami]\n; Asterisk's manager interface tells security events as they happen.\n");
        if (!manager.Exists)
        {
            Comment(text, $"`ringfence init --write-ami` adds this user to {manager.File}. By hand: write there, and take the semicolons of user and secret away:");
            foreach (var line in ManagerAccount.Section(secret, manager.Address.Address))
            {
                Comment(text, $"  {line}");
            }
        }

        var off = manager.Exists ? "" : ";";
        text.Append($"{off}user = {ManagerAccount.Name}\n{off}secret = {Value(secret)}\n");
        if (!manager.Address.Equals(RingfenceConfig.Default.Ami.Manager))
        {
            text.Append($"{off}manager = {manager.Address}\n");
        }
    }

    private static void Calls(StringBuilder text, SiteCountry? country)
    {
        text.Append("\n[calls]\n; The toll-fraud brake: with country the guard knows what calls cost, and ends those that break a limit (`guard --observe` only tells). First `ringfence calls backtest`\n; on the CDRs of the past: whom it would have stopped. `ringfence calls limits` shows the limits.\n");
        Comment(text, country is null ? "the country that the trunks are in, two letters" : $"the country that the trunks are in: {country.Why}{(country.IsSure ? "" : "; take the semicolon away if that is right")}");
        text.Append($"{(country is { IsSure: true } ? "" : ";")}country = {country?.Code ?? "DE"}\n; what people dial for an outside line, where they dial anything\n;outside = 9\n");
        // The North American plan is the one in which people dial local numbers without their area code and nothing tells those from other short ones.
        if (country is not null && NumberPlans.BuiltIn.Of(country.Code) is { CallingCode: 1 })
        {
            text.Append("; the area code, where people dial local numbers by seven digits: without it those are no numbers of anybody, for limits as for the gate\n;area = 415\n");
        }

        text.Append("\n[gate]\n; Calls are asked about before they leave: take the semicolon away, and put what `ringfence calls gate --print` writes into the dialplan (docs/gate.md).\n;listen = 127.0.0.1:4573\n");
    }

    private static void Messages(StringBuilder text, HepConf? hep, string? password)
    {
        if (password is not null)
        {
            text.Append($"\n[hep]\n; What Asterisk tells of every SIP message, as hep.conf says.\nlisten = {HepConf.Address}\npassword = {Value(password)}\n");
        }
        else if (hep is { State: HepState.Absent or HepState.Other })
        {
            text.Append("\n[wire]\n; What passes on the network, in place of HEP; all, or names of interfaces. Take the semicolon away to have it read.\n;interface = all\n");
        }
    }

    private static string? HepAdvice(HepConf? hep) => hep switch
    {
        null or { State: HepState.Own } => null,
        { State: HepState.Absent, IsModuleDirectorySeen: false } => "where Asterisk's modules are is not known (astmoddir in asterisk.conf), nor whether it can tell of attacks that no log shows (a Call-ID that is not UTF-8): take the semicolon from interface in [wire], and the network shows them",
        { State: HepState.Absent } => "this Asterisk has no res_hep_pjsip.so, so it can't tell of attacks that no log shows (a Call-ID that is not UTF-8): take the semicolon from interface in [wire], and the network shows them",
        { State: HepState.Other, CaptureSetting: var place } =>
            $"{place} lets Asterisk tell \"{Shown.Text(hep.CaptureAddress!)}\" of every SIP message (HEP), and it can tell only one. If that is not Ringfence ([hep]), take the semicolon from interface in [wire], and the network shows what HEP would",
        _ => "Asterisk can tell of every SIP message, also of attacks that no log shows (HEP), and does not yet: ringfence init --write-hep writes hep.conf, with a password of its own, and [hep] here; then restart Asterisk"
            + (hep.Forbidden is { } noload ? $". First remove the noload in {noload}" : ""),
    };

    private static void Trust(StringBuilder text, MachineSurvey survey)
    {
        text.Append("\n[trust]\n; Addresses, networks and names that are never banned. Loopback and the machine's own addresses need no line.\n");
        text.Append("; A proxy in front of the PBX (Kamailio, an SBC) sends everybody's requests from its own address: name it, or one guesser behind it has all of them banned.\n");
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
