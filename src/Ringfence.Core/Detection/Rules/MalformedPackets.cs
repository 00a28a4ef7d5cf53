using Ringfence.Core.Events;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Detection.Rules;

/// <summary>Packet after packet that is no SIP.</summary>
internal static class MalformedPackets
{
    /// <summary>What a wrong cable or a broken phone sends now and then is no attack; a fuzzer sends thousands.</summary>
    public const int Enough = 20;

    public static readonly DetectionRule Rule = new()
    {
        Id = "RF2013",
        Name = "malformed-packets",
        Severity = Severity.Medium,
        Why = "Somebody keeps sending packets to the SIP port that are no SIP: he tries what makes the PBX fall over (fuzzing), or what else might listen there. Keep-alives, STUN, audio and DTLS that went astray do not count.",
        Fix = "Nothing, if it is a stranger; keep Asterisk up to date. If it is a device of yours: look at what it sends with ringfence why ADDRESS, then trust its address.",
        Bad = """
            sip 2026-11-20 12:00:00.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:00:01.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:00:02.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:00:03.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:00:04.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:00:05.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:00:06.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:00:07.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:00:08.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:00:09.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:00:10.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:00:11.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:00:12.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:00:13.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:00:14.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:00:15.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:00:16.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:00:17.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:00:18.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:00:19.000 TCP 198.51.100.7:5060 JUNK x 0
            # here
            """,
        Good = """
            sip 2026-11-20 12:00:00.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:00:01.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:00:02.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:00:03.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:00:04.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:00:05.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:00:06.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:00:07.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:00:08.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:00:09.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:00:10.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:00:11.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:00:12.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:00:13.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:00:14.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:00:15.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:00:16.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:00:17.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:00:18.000 TCP 198.51.100.7:5060 JUNK x 0
            sip 2026-11-20 12:01:00.000 UDP 203.0.113.9:5060 STUN x 0
            sip 2026-11-20 12:01:01.000 UDP 203.0.113.9:5060 STUN x 0
            sip 2026-11-20 12:01:02.000 UDP 203.0.113.9:5060 STUN x 0
            sip 2026-11-20 12:01:03.000 UDP 203.0.113.9:5060 STUN x 0
            sip 2026-11-20 12:01:04.000 UDP 203.0.113.9:5060 STUN x 0
            sip 2026-11-20 12:01:05.000 UDP 203.0.113.9:5060 STUN x 0
            sip 2026-11-20 12:01:06.000 UDP 203.0.113.9:5060 STUN x 0
            sip 2026-11-20 12:01:07.000 UDP 203.0.113.9:5060 STUN x 0
            sip 2026-11-20 12:01:08.000 UDP 203.0.113.9:5060 STUN x 0
            sip 2026-11-20 12:01:09.000 UDP 203.0.113.9:5060 STUN x 0
            sip 2026-11-20 12:01:10.000 UDP 203.0.113.9:5060 STUN x 0
            sip 2026-11-20 12:01:11.000 UDP 203.0.113.9:5060 STUN x 0
            sip 2026-11-20 12:01:12.000 UDP 203.0.113.9:5060 STUN x 0
            sip 2026-11-20 12:01:13.000 UDP 203.0.113.9:5060 STUN x 0
            sip 2026-11-20 12:01:14.000 UDP 203.0.113.9:5060 STUN x 0
            sip 2026-11-20 12:01:15.000 UDP 203.0.113.9:5060 STUN x 0
            sip 2026-11-20 12:01:16.000 UDP 203.0.113.9:5060 STUN x 0
            sip 2026-11-20 12:01:17.000 UDP 203.0.113.9:5060 STUN x 0
            sip 2026-11-20 12:01:18.000 UDP 203.0.113.9:5060 STUN x 0
            sip 2026-11-20 12:01:19.000 UDP 203.0.113.9:5060 STUN x 0
            sip 2026-11-20 12:01:20.000 UDP 203.0.113.9:5060 STUN x 0
            sip 2026-11-20 12:30:00.000 TCP 198.51.100.7:5060 JUNK x 0
            """,
        Reference = new Uri("https://www.rfc-editor.org/rfc/rfc4475"),
        Kinds = [EventKind.PacketMalformed],
        Check = Check,
    };

    private static Claim? Check(in PbxEvent seen, Refusals refusals, Configuration.DetectionSettings settings)
    {
        var count = refusals.Count(seen, settings.Window);
        return count >= Enough ? new Claim(count, "packets that are no SIP") : null;
    }
}
