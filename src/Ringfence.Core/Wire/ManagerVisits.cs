using System.Text;
using Ringfence.Core.Events;

namespace Ringfence.Core.Wire;

/// <summary>Tells who connects to the PBX's manager port and leaves, or is sent away, without a word of logging in: Asterisk logs nothing of it.</summary>
/// <remarks>
/// Only what is sent to the port is read, and from it how connections begin and end: a dashboard is told megabytes of events. The PBX's SYN-ACK begins a
/// visit, and the acknowledgment of its number proves the visitor's address. Whether a login is right the PBX's log says. A ring of fixed size, by the
/// seeded hash of the connection: what a flood pushes out is forgotten, which spares.
/// Hot path over spans; docs.asterisk.org, "AMI v2 Specification": a session begins with the action Login, or Challenge and then Login.
/// </remarks>
internal sealed class ManagerVisits
{
    private const int Entries = 1_024;

    private readonly Visit[] _visits = new Visit[Entries];

    /// <summary>Takes a segment to the port or from it.</summary>
    /// <param name="isAnswer">It comes from the PBX.</param>
    /// <returns>A visit that ended without a login; Kind None: nothing to tell.</returns>
    public PbxEvent See(scoped in TcpSegment segment, Flow flow, bool isAnswer, long timeTicks, long number)
    {
        var asking = isAnswer ? flow.Reversed : flow;
        ref var visit = ref _visits[asking.GetHashCode() & (Entries - 1)];
        if (isAnswer && segment is { IsFirst: true, HasAcknowledgment: true })
        {
            visit = new Visit(asking, segment.Sequence + 1, segment.Acknowledgment, segment.Timestamps?.Echo, IsOpen: false, IsLogin: false);
            return default;
        }

        if (visit.Flow != asking)
        {
            return default;
        }

        if (!isAnswer)
        {
            // The very number, as the PBX's kernel wants it of the segment that completes the handshake (Linux, tcp_check_req): a window of 64 KiB is hit by
            // 65,536 forged segments.
            visit = visit with
            {
                IsOpen = visit.IsOpen || (segment.HasAcknowledgment && segment.Acknowledgment == visit.First),
                IsLogin = visit.IsLogin || (visit.Takes(segment) && SaysLogin(segment.Payload)),
            };
        }

        if (!segment.IsLast && !segment.IsReset)
        {
            return default;
        }

        var isFutile = visit is { IsOpen: true, IsLogin: false };
        visit = default;
        return !isFutile ? default : new PbxEvent
        {
            Kind = EventKind.LoginOmitted,
            Origin = Origin.Sip,
            Service = Service.Ami,
            Transport = Transport.Tcp,
            Proof = Proof.Proven,
            Source = asking.From.Address,
            Port = asking.From.Port,
            TimeTicks = timeTicks,
            Detail = "connected, and did not log in"u8,
            Record = "a connection to the manager interface that ended without a login"u8,
            Line = number,
        };
    }

    private static bool SaysLogin(ReadOnlySpan<byte> text)
    {
        for (var rest = text; rest.IndexOfAny("LlCc"u8) is >= 0 and var at; rest = rest[(at + 1)..])
        {
            var word = rest[at..];
            if (IsAt(word, "login"u8) || IsAt(word, "challenge"u8))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsAt(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word) => text.Length >= word.Length && Ascii.EqualsIgnoreCase(text[..word.Length], word);

    /// <param name="First">The number of the first byte that the PBX sends.</param>
    /// <param name="Next">The number of the first byte that it waits for.</param>
    /// <param name="Clock">The visitor's clock as his SYN told it (RFC 7323); null: it does not.</param>
    /// <param name="IsOpen">The visitor has shown that he was told the first number.</param>
    private readonly record struct Visit(Flow Flow, uint First, uint Next, uint? Clock, bool IsOpen, bool IsLogin)
    {
        // Before it knows who he is the PBX says and reads a few lines.
        private const uint Near = 64 * 1024;

        /// <returns>Whether the PBX's kernel takes the segment, as far as this is known of a connection of which its acknowledgments are not read: a login
        /// that it drops would hide the visit.</returns>
        public bool Takes(in TcpSegment segment) => segment is { HasAcknowledgment: true, IsFirst: false, IsReset: false }
            && segment.Sequence - Next < Near && segment.Acknowledgment - First < Near
            && !(Clock is { } clock && segment.Timestamps is { } times && (int)(clock - times.Value) > 1);
    }
}
