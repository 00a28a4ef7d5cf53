using Ringfence.Core.Events;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Detection.Rules;

/// <summary>Account after account, too slowly for any count of minutes.</summary>
internal static class SlowScan
{
    // A phone that has no password asks again every half minute, or once a minute: 20 times in the ten minutes of the window.
    private const int MostUnanswered = 60;

    private const string NetworkWords = "accounts asked for without a login by addresses of one network";

    /// <summary>In which as many OPTIONS are left unanswered: whoever asks for a sign of life does so every few seconds, not every second.</summary>
    public static readonly TimeSpan OptionsWindow = TimeSpan.FromMinutes(1);

    public static readonly DetectionRule Rule = new()
    {
        Id = "RF2008",
        Name = "slow-scan",
        Severity = Severity.High,
        Why = "Somebody asks for one account after the other over a day, and logs in to none: one address, or several of one network or with one User-Agent. Each try is too far from the last for a count of minutes, and often the PBX reports none of them.",
        Fix = "Nothing, if it is a stranger. If it is another PBX of yours, or a monitor: trust its address. slow_accounts and slow_within set the limit.",
        Bad = """
            sip 2026-11-20 01:00:00.000 UDP 198.51.100.7:5060 REGISTER 100 401
            sip 2026-11-20 02:00:00.000 UDP 198.51.100.7:5060 REGISTER 101 401
            sip 2026-11-20 03:00:00.000 UDP 198.51.100.7:5060 REGISTER 102 401
            sip 2026-11-20 04:00:00.000 UDP 198.51.100.7:5060 REGISTER 103 401
            sip 2026-11-20 05:00:00.000 UDP 198.51.100.7:5060 OPTIONS 104 401
            sip 2026-11-20 06:00:00.000 UDP 198.51.100.7:5060 OPTIONS 105 401
            sip 2026-11-20 07:00:00.000 UDP 198.51.100.7:5060 REGISTER 106 401
            sip 2026-11-20 08:00:00.000 UDP 198.51.100.7:5060 REGISTER 107 401
            sip 2026-11-20 09:00:00.000 UDP 198.51.100.7:5060 REGISTER 108 401
            sip 2026-11-20 10:00:00.000 UDP 198.51.100.7:5060 REGISTER 109 401
            sip 2026-11-20 11:00:00.000 UDP 198.51.100.7:5060 REGISTER 110 401
            # here
            """,
        Good = """
            sip 2026-11-20 01:00:00.000 UDP 198.51.100.7:5060 REGISTER 100 401
            sip 2026-11-20 02:00:00.000 UDP 198.51.100.7:5060 REGISTER 101 401
            sip 2026-11-20 03:00:00.000 UDP 198.51.100.7:5060 REGISTER 102 401
            sip 2026-11-20 04:00:00.000 UDP 198.51.100.7:5060 REGISTER 103 401
            sip 2026-11-20 05:00:00.000 UDP 198.51.100.7:5060 REGISTER 104 401
            sip 2026-11-20 06:00:00.000 UDP 198.51.100.7:5060 REGISTER 105 401
            sip 2026-11-20 06:00:00.100 UDP 198.51.100.7:5060 REGISTER 105 200 auth
            sip 2026-11-20 07:00:00.000 UDP 198.51.100.7:5060 REGISTER 106 401
            sip 2026-11-20 08:00:00.000 UDP 198.51.100.7:5060 REGISTER 107 401
            sip 2026-11-20 09:00:00.000 UDP 198.51.100.7:5060 REGISTER 108 401
            sip 2026-11-20 10:00:00.000 UDP 198.51.100.7:5060 REGISTER 109 401
            sip 2026-11-20 11:00:00.000 UDP 198.51.100.7:5060 REGISTER 110 401
            sip 2026-11-20 12:00:00.000 UDP 203.0.113.9:5060 INVITE 4930111 401 to=100
            sip 2026-11-20 12:01:00.000 UDP 203.0.113.9:5060 INVITE 4930112 401 to=100
            sip 2026-11-20 12:02:00.000 UDP 203.0.113.9:5060 INVITE 4930113 401 to=100
            sip 2026-11-20 12:03:00.000 UDP 203.0.113.9:5060 INVITE 4930114 401 to=100
            sip 2026-11-20 12:04:00.000 UDP 203.0.113.9:5060 INVITE 4930115 401 to=100
            sip 2026-11-20 12:05:00.000 UDP 203.0.113.9:5060 INVITE 121 401 to=100
            sip 2026-11-20 12:06:00.000 UDP 203.0.113.9:5060 INVITE 122 401 to=100
            sip 2026-11-20 12:07:00.000 UDP 203.0.113.9:5060 INVITE 123 401 to=100
            sip 2026-11-20 12:08:00.000 UDP 203.0.113.9:5060 INVITE 124 401 to=100
            sip 2026-11-20 12:09:00.000 UDP 203.0.113.9:5060 INVITE 125 401 to=100
            sip 2026-11-20 12:10:00.000 UDP 203.0.113.9:5060 INVITE 126 401 to=100
            """,
        Reference = new Uri("https://www.rfc-editor.org/rfc/rfc3261#section-22"),
        Kinds = [EventKind.ChallengeSent, EventKind.PasswordRefused, EventKind.AccountUnknown],
        Check = Check,
    };

    private static Claim? Check(in PbxEvent seen, Refusals refusals, Configuration.DetectionSettings settings)
    {
        if (seen.Kind == EventKind.ChallengeSent && refusals.Unanswered.Count >= MostUnanswered)
        {
            return new Claim(refusals.Unanswered.Count, "challenges, none of them answered,", refusals.Tried) { SinceTicks = refusals.Unanswered.SinceTicks };
        }

        if (seen.Kind == EventKind.ChallengeSent && refusals.UnansweredOptions.Count >= MostUnanswered && seen.Method.SequenceEqual("OPTIONS"u8))
        {
            return new Claim(refusals.UnansweredOptions.Count, "OPTIONS without an answer to the challenge", refusals.Tried) { SinceTicks = refusals.UnansweredOptions.SinceTicks };
        }

        if (!refusals.IsOfPbx || !LongMemory.IsTry(seen))
        {
            return null;
        }

        if (Of(refusals.Tried, settings.SlowAccounts, "accounts asked for without a login", seen, refusals, settings) is { } own)
        {
            return own;
        }

        var ofNetwork = refusals.Memory.OfNetwork(seen, refusals.Least);

        // A forger can make the crowd himself: one more packet of his must not ban the address that stands on it.
        if (seen.Proof != Proof.Proven && !(refusals.Tried?.Count(seen.TimeTicks, settings.SlowWindow, refusals.Least) >= settings.Refusals))
        {
            return Of(ofNetwork, settings.SlowAccounts, NetworkWords, seen, refusals, settings) is { } claim ? claim with { ThrottleOnly = true } : null;
        }

        var crowd = refusals.Memory.CrowdAccounts;
        return Of(ofNetwork, crowd, NetworkWords, seen, refusals, settings)
            ?? Of(refusals.Memory.OfAgent(seen, refusals.Least), crowd, "accounts asked for without a login by several addresses with one User-Agent", seen, refusals, settings);
    }

    private static Claim? Of(TriedAccounts? tried, int limit, string words, in PbxEvent seen, Refusals refusals, Configuration.DetectionSettings settings)
    {
        var count = tried?.Count(seen.TimeTicks, settings.SlowWindow, refusals.Least) ?? 0;
        return count >= limit ? new Claim(count, words, tried) : null;
    }
}
