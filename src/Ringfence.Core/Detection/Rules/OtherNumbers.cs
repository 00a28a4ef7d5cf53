using Ringfence.Core.Events;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Detection.Rules;

/// <summary>One account's password, used to be registered as other people's numbers.</summary>
internal static class OtherNumbers
{
    public static readonly DetectionRule Rule = new()
    {
        Id = "RF2018",
        Name = "other-numbers",
        Severity = Severity.High,
        Why = "With the right password of one account somebody asks to be registered as numbers that are not that account's, one after the other: he has stolen a password and wants the calls of others too. HEP and the wire show it; Asterisk's logs do not say which number was asked for.",
        Fix = "Change the password of the account that the evidence names in From. If it is a phone of yours with several lines: let each line log in as its own account.",
        Bad = """
            sip 2026-11-20 12:00:00.000 TCP 198.51.100.7:5060 REGISTER 1005 404 auth to=2001
            sip 2026-11-20 12:00:01.000 TCP 198.51.100.7:5060 REGISTER 1005 404 auth to=2002
            sip 2026-11-20 12:00:02.000 TCP 198.51.100.7:5060 REGISTER 1005 404 auth to=2003
            sip 2026-11-20 12:00:03.000 TCP 198.51.100.7:5060 REGISTER 1005 404 auth to=2004
            # here
            """,
        Good = """
            sip 2026-11-20 12:00:00.000 TCP 198.51.100.7:5060 REGISTER 1005 404 auth to=2001
            sip 2026-11-20 12:00:01.000 TCP 198.51.100.7:5060 REGISTER 1005 404 auth to=2002
            sip 2026-11-20 12:00:02.000 TCP 198.51.100.7:5060 REGISTER 1005 404 auth to=2003
            sip 2026-11-20 12:00:03.000 TCP 198.51.100.7:5060 REGISTER 1005 404 auth to=2003
            sip 2026-11-20 12:01:00.000 TCP 203.0.113.9:5060 REGISTER 1001 404 auth
            sip 2026-11-20 12:01:01.000 TCP 203.0.113.9:5060 REGISTER 1002 404 auth
            sip 2026-11-20 12:01:02.000 TCP 203.0.113.9:5060 REGISTER 1003 404 auth
            sip 2026-11-20 12:01:03.000 TCP 203.0.113.9:5060 REGISTER 1004 404 auth
            """,
        Reference = new Uri("https://www.rfc-editor.org/rfc/rfc3261#section-10.2"),
        Kinds = [EventKind.NumberRefused],
        Check = Check,
    };

    private static Claim? Check(in PbxEvent seen, Refusals refusals, Configuration.DetectionSettings settings)
    {
        var count = refusals.CountAccounts(seen, settings.Window);
        return count >= settings.ScanAccounts ? new Claim(count, $"numbers of others asked for with the password of {SafeText.From(seen.Detail)}") : null;
    }
}
