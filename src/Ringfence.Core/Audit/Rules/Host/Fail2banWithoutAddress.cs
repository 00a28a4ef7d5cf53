using Ringfence.Core.Fail2ban;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Host;

/// <summary>A filter of fail2ban that finds no address.</summary>
internal static class Fail2banWithoutAddress
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1621",
        Name = "fail2ban-without-address",
        Severity = Severity.High,
        Why = "An expression without <HOST> matches the attack and names nobody: copied from a web page, the tag is lost as if it were HTML. fail2ban refuses such a filter, or counts and bans nobody.",
        Fix = "Use fail2ban's own filter.d/asterisk.conf, or put <HOST> back where the address stands; try it with fail2ban-regex.",
        ExampleFile = "modules.conf",
        Bad = """
            ;;; /etc/fail2ban/jail.local
            [asterisk]
            enabled = true
            logpath = /var/log/asterisk/notice
            ;;; /etc/fail2ban/filter.d/asterisk.conf
            [Definition]
            failregex = NOTICE.* .*: Registration from '.*' failed for ':.*' - Wrong password ; here
            """,
        Good = """
            ;;; /etc/fail2ban/jail.local
            [asterisk]
            enabled = true
            logpath = /var/log/asterisk/notice
            ;;; /etc/fail2ban/filter.d/asterisk.conf
            [Definition]
            failregex = NOTICE.* .*: Registration from '.*' failed for '<HOST>:.*' - Wrong password
            """,
        Reference = new Uri("https://github.com/fail2ban/fail2ban/wiki"),
        Topic = AuditTopic.Host,
        Check = Check,
    };

    private static readonly string[] Tags = ["<HOST>", "<ADDR>", "<IP4>", "<IP6>", "<CIDR>", "<SUBNET>", "<DNS>", "<F-ID>", "<ip-", "(?P<host>", "(?P<ip"];

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from jail in Fail2banJail.All(pbx.Files, "/etc/fail2ban").DistinctBy(static jail => jail.Filter)
        where jail.IsOfAsterisk
        let expressions = Fail2banJail.Expressions(pbx.Files, "/etc/fail2ban", jail.Filter)
        where expressions is { Count: > 0 }
        let blind = expressions.Where(static one => !Array.Exists(Tags, tag => one.Expression.Contains(tag, StringComparison.OrdinalIgnoreCase))).ToList()
        where blind.Count > 0
        select new Fault(blind[0].Place, $"filter {Shown.Text(jail.Filter)}", $"{blind.Count} of its {expressions.Count} expressions have no <HOST>: they ban nobody");
}
