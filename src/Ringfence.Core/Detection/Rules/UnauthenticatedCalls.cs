using Ringfence.Core.Events;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Detection.Rules;

/// <summary>International calls tried without a login.</summary>
internal static class UnauthenticatedCalls
{
    public static readonly DetectionRule Rule = new()
    {
        Id = "RF2007",
        Name = "unauthenticated-calls",
        Severity = Severity.High,
        Why = "Somebody without a login dials international numbers at your PBX: he looks for a way out that you pay for. Refused ones are counted. One that the PBX lets in (HEP and the wire show it) is told at once, and bans nobody: it may be your provider.",
        Fix = "Nothing, if it is a stranger. If it is your provider sending you calls: give it an identify section, so that it is a trunk and not a guest.",
        Bad = """
            [2026-11-20 23:58:54.918] NOTICE[2295] res_pjsip_session.c:  anonymous: Call (UDP:198.51.100.7:5060) to extension '00972598123456' rejected because extension not found in context 'from-anon'.
            [2026-11-20 23:58:55.918] NOTICE[2295] res_pjsip_session.c:  anonymous: Call (UDP:198.51.100.7:5060) to extension '900972598123456' rejected because extension not found in context 'from-anon'.
            # here
            """,
        Good = """
            [2026-11-20 23:58:54.918] NOTICE[2295] res_pjsip_session.c:  1001: Call (UDP:198.51.100.7:5060) to extension '00972598123456' rejected because extension not found in context 'from-anon'.
            [2026-11-20 23:58:55.918] NOTICE[2295] res_pjsip_session.c:  1001: Call (UDP:198.51.100.7:5060) to extension '00972598123456' rejected because extension not found in context 'from-anon'.
            [2026-11-20 23:58:56.918] NOTICE[2295] res_pjsip_session.c:  1001: Call (UDP:198.51.100.7:5060) to extension '7777777' rejected because extension not found in context 'from-anon'.
            [2026-11-20 23:58:57.918] NOTICE[2295] res_pjsip_session.c:  anonymous: Call (UDP:198.51.100.7:5060) to extension '4930123456' rejected because extension not found in context 'from-anon'.
            [2026-11-20 23:58:58.918] NOTICE[2295] res_pjsip_session.c:  anonymous: Call (UDP:198.51.100.7:5060) to extension '8005551234' rejected because extension not found in context 'from-anon'.
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Channel-Drivers/SIP/Configuring-res_pjsip/PJSIP-Configuration-Sections-and-Relationships/"),
        Kinds = [EventKind.CallRefused, EventKind.ChallengeSent, EventKind.AddressAccepted],
        Check = Check,
    };

    /// <summary>A known account's misdialled number is no offence; nor is a call to one of our own numbers, from a provider that we do not know. A call for which
    /// the PBX asks a password is one until the answer comes, as it does to every phone's first INVITE.</summary>
    public static bool Concerns(in PbxEvent seen) => seen.Kind == EventKind.ChallengeSent
        ? seen.Method.SequenceEqual("INVITE"u8) && OutsideNumber.IsInternational(seen.Detail)
        : (seen.Kind != EventKind.AddressAccepted || seen.Origin == Origin.Sip) && (seen.Account.IsEmpty || seen.Account.SequenceEqual("anonymous"u8)) && OutsideNumber.IsInternational(seen.Detail);

    private static Claim? Check(in PbxEvent seen, Refusals refusals, Configuration.DetectionSettings settings)
    {
        if (!Concerns(seen))
        {
            return null;
        }

        var count = refusals.Count(seen, settings.Window);
        if (seen.Kind == EventKind.AddressAccepted)
        {
            // Each would else be told, and what a provider sends is many.
            return count == 1 ? new Claim(1, $"an international call without a login was let in, to {SafeText.From(seen.Detail)}; if this is no trunk of yours, remove the endpoint anonymous or its way out") { TellOnly = true } : null;
        }

        return count >= (seen.Kind == EventKind.ChallengeSent ? settings.Refusals : settings.UnauthenticatedCalls) ? new Claim(count, "international calls without a login") : null;
    }
}
