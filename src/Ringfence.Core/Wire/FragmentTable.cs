using Ringfence.Core.Events;

namespace Ringfence.Core.Wire;

/// <summary>Puts the fragments of IP packets together.</summary>
/// <remarks>
/// As Linux does it, for what the PBX reads must be read here: what repeats bytes that are there is passed over, whatever it says; what overlaps
/// them in part ends the packet (RFC 5722; net/ipv4/inet_fragment.c, also for IPv4). Bounded: so many packets at once, the oldest gives way; so
/// many pieces of one; 30 s by the packets' own time.
/// </remarks>
/// <param name="isOwn">Whether an address is the PBX's.</param>
internal sealed class FragmentTable(Func<Address, bool> isOwn)
{
    private const int Packets = 64;
    private const int LongestPacket = ushort.MaxValue;
    private const int MostPieces = 2_048;
    private const long LongestTicks = 30 * TimeSpan.TicksPerSecond;

    private readonly Dictionary<Key, Partial> _partials = new(Packets);
    private readonly Queue<(Key Key, long Born)> _order = new();
    private readonly Stack<byte[]> _free = new();
    private long _born;

    /// <summary>Packets that were given up: contradictory, late, or pushed out.</summary>
    public long Lost { get; private set; }

    /// <summary>Of these: those that the PBX sent.</summary>
    public long LostOwn { get; private set; }

    /// <summary>Takes a fragment.</summary>
    /// <returns>The whole packet, valid until the next call; not IsValid: something is missing yet.</returns>
    public IpPacket Take(IpPacket fragment, long timeTicks)
    {
        if (fragment.IsTruncatedFirst)
        {
            return default;
        }

        // The next header of later fragments means nothing in IPv6: Linux takes the first one's (net/ipv6/reassembly.c, ip6_frag_queue).
        var key = new Key(fragment.Source, fragment.Destination, fragment.IsIPv6 ? (byte)0 : fragment.Protocol, fragment.Identification);
        if (_partials.TryGetValue(key, out var partial) && timeTicks - partial.BornTicks > LongestTicks)
        {
            GiveUp(key);
            partial = null;
        }

        var payload = fragment.Payload;
        if (fragment.HasMore && payload.Length % 8 != 0)
        {
            // RFC 8200 section 4.5: all but the last are multiples of 8 bytes. Linux cuts one of IPv4, and passes over one of IPv6.
            if (fragment.IsIPv6)
            {
                return default;
            }

            payload = payload[..^(payload.Length % 8)];
        }

        if (fragment.OffsetBytes + payload.Length > LongestPacket || payload.IsEmpty)
        {
            GiveUp(key);
            return default;
        }

        partial ??= Add(key, timeTicks);
        switch (partial.Add(fragment.OffsetBytes, payload, isLast: !fragment.HasMore, fragment.Protocol))
        {
            case Outcome.Whole:
                // The bytes stay until the buffer is taken for the next packet.
                Forget(key);
                return fragment.Completed(partial.Protocol, partial.Bytes.AsSpan(0, partial.Length));
            case Outcome.Contradictory:
                GiveUp(key);
                return default;
            default:
                return default;
        }
    }

    private Partial Add(Key key, long timeTicks)
    {
        while (_partials.Count >= Packets && _order.TryDequeue(out var oldest))
        {
            if (_partials.TryGetValue(oldest.Key, out var partial) && partial.Born == oldest.Born)
            {
                GiveUp(oldest.Key);
            }
        }

        if (_order.Count >= Packets * 4)
        {
            // Of most of them nothing is left.
            var left = _order.Where(at => _partials.TryGetValue(at.Key, out var partial) && partial.Born == at.Born).ToArray();
            _order.Clear();
            Array.ForEach(left, _order.Enqueue);
        }

        var added = new Partial(_free.TryPop(out var bytes) ? bytes : new byte[LongestPacket], timeTicks, ++_born);
        _partials[key] = added;
        _order.Enqueue((key, added.Born));
        return added;
    }

    private void GiveUp(Key key)
    {
        Lost++;
        LostOwn += isOwn(key.Source) ? 1 : 0;
        Forget(key);
    }

    private void Forget(Key key)
    {
        if (_partials.Remove(key, out var partial))
        {
            _free.Push(partial.Bytes);
        }
    }

    private enum Outcome
    {
        Incomplete,
        Whole,
        Contradictory,
    }

    private readonly record struct Key(Address Source, Address Destination, byte Protocol, uint Identification);

    private sealed class Partial(byte[] bytes, long bornTicks, long born)
    {
        // Runs of fragments as Linux knows them: one that comes behind all others joins the last run, one between has a run of its own (inet_frag_queue_insert).
        private readonly List<(int From, int To)> _runs = [];
        private int _there;
        private int _end;

        public byte[] Bytes => bytes;

        public long BornTicks => bornTicks;

        /// <summary>Which of the packets with its key it is.</summary>
        public long Born => born;

        /// <summary>What the first fragment says.</summary>
        public byte Protocol { get; private set; }

        /// <summary>Of the whole; -1: the last fragment did not come yet.</summary>
        public int Length { get; private set; } = -1;

        public Outcome Add(int from, ReadOnlySpan<byte> payload, bool isLast, byte protocol)
        {
            var to = from + payload.Length;
            if (isLast ? to < _end || (Length >= 0 && Length != to) : Length >= 0 && to > Length)
            {
                return Outcome.Contradictory;
            }

            Length = isLast ? to : Length;
            _end = Math.Max(_end, to);
            var at = _runs.FindLastIndex(run => run.From <= from);
            if (at >= 0 && from < _runs[at].To)
            {
                // What repeats a run, or a part of one, changes nothing.
                return to <= _runs[at].To ? Outcome.Incomplete : Outcome.Contradictory;
            }

            if ((at + 1 < _runs.Count && _runs[at + 1].From < to) || _runs.Count >= MostPieces)
            {
                return Outcome.Contradictory;
            }

            // Not of one that repeats it, which Linux passes over whole.
            Protocol = from == 0 ? protocol : Protocol;
            payload.CopyTo(bytes.AsSpan(from));
            _there += payload.Length;
            if (at >= 0 && at == _runs.Count - 1 && _runs[at].To == from)
            {
                _runs[at] = (_runs[at].From, to);
            }
            else
            {
                _runs.Insert(at + 1, (from, to));
            }

            return _there == Length ? Outcome.Whole : Outcome.Incomplete;
        }
    }
}
