using Ringfence.Core.Sip;

namespace Ringfence.Core.Wire;

/// <summary>Whose bytes a stream holds: one direction of a connection.</summary>
internal readonly record struct Flow(Endpoint From, Endpoint To)
{
    public Flow Reversed => new(To, From);
}

/// <summary>One direction of a TCP connection: what was read, what is not whole yet, what its receiver has not taken yet.</summary>
/// <param name="place">In the ring of streams.</param>
/// <param name="isOwn">What the PBX sends: it is believed at once.</param>
internal sealed class TcpStream(Flow flow, uint first, int place, bool isOwn)
{
    /// <summary>Data that far from what is expected belongs to another connection: no PBX has a receive window of that size.</summary>
    public const int Window = 1 << 20;

    /// <summary>In so many ways a stream is read at once, where it is not known how its receiver does.</summary>
    public const int MostReadings = 8;

    // Of the PBX's own stream, whose receiver nobody believes: what is missing after so many pieces was lost on the way to here.
    private const int MostEarly = 8;

    // Of a connection that was open before anybody looked: what is on its way when the PBX's first acknowledgment comes.
    private const int MostUnproven = 64 * 1024;

    private readonly uint _first = first;
    private readonly TcpQueue _queue = new(first);
    private readonly TcpWindow _window = new();
    private readonly List<TcpReading> _readings = [new()];
    private uint? _end;

    public Flow Flow => flow;

    public int Place => place;

    public bool IsOwn { get; } = isOwn;

    /// <summary>What the table knows of <see cref="HeldBytes"/>.</summary>
    public int AccountedBytes { get; set; }

    /// <summary>As its receiver reads it, as far as anybody knows.</summary>
    public TcpReading Reading => _readings[0];

    /// <summary>In how many ways it is read.</summary>
    public int Readings => _readings.Count;

    /// <returns>One of the ways, from 0.</returns>
    public TcpReading At(int index) => _readings[index];

    /// <summary>The sender is at his address: he is the PBX, or the PBX has his bytes, which it takes only from who was told its number (RFC 9293 section 3.5).
    /// Until then nothing of it is read: anybody can write a segment in anybody's name.</summary>
    public bool IsProven { get; private set; } = isOwn;

    /// <summary>Used since the clock's hand was here.</summary>
    public bool IsRecent { get; set; }

    /// <summary>Bytes of memory that it holds.</summary>
    public int HeldBytes
    {
        get
        {
            var bytes = _queue.HeldBytes;
            foreach (var reading in _readings)
            {
                bytes += reading.HeldBytes;
            }

            return bytes;
        }
    }

    /// <summary>The sequence number of the byte that comes next.</summary>
    public uint Next => _queue.Next;

    /// <summary>The PBX took the connection.</summary>
    /// <param name="answer">Its SYN-ACK.</param>
    public void Begin(in TcpSegment answer)
    {
        _window.Begin(answer);
        Reading.IsWhole = true;
    }

    /// <returns>Whether the PBX took the connection that this SYN-ACK answers, and this is only it again.</returns>
    public bool IsBegun(in TcpSegment answer) => _window.Told == answer.Sequence + 1 && _first == answer.Acknowledgment;

    /// <returns>Whether the PBX's kernel takes the segment.</returns>
    /// <remarks>
    /// Of the first one the very number that the PBX told, as its kernel wants it before it takes a connection (Linux, tcp_check_req): a range of numbers is guessed
    /// by spraying.
    /// </remarks>
    public bool Takes(in TcpSegment segment)
    {
        var isTold = _window.Told is null || IsProven || (segment.HasAcknowledgment && segment.Acknowledgment == _window.Told);
        if (!isTold || !_window.Takes(segment, Next))
        {
            return false;
        }

        IsProven |= _window.Told is not null;
        return true;
    }

    /// <summary>Takes a segment of which its receiver says nothing yet.</summary>
    public void Take(in TcpSegment segment)
    {
        var sequence = segment.IsFirst ? segment.Sequence + 1 : segment.Sequence;
        if ((int)(sequence - Next) is > Window or < -Window)
        {
            if (IsProven && !IsOwn)
            {
                return;
            }

            Jump(sequence);
        }

        if (!IsProven && _queue.HeldBytes > MostUnproven)
        {
            // A forger in a connection that is none: the PBX's kernel resets it, and nobody will ever say what of it was read.
            Jump(sequence);
        }

        _queue.Take(sequence, segment.Payload, segment.Urgent);
        if (segment.IsLast)
        {
            _end = segment.End;
        }

        if (IsOwn && _queue.EarlyCount >= MostEarly)
        {
            Jump(_queue.FirstEarly(Next + Window));
        }
    }

    /// <summary>Takes what the PBX sends back.</summary>
    public void SeeAnswer(in TcpSegment answer) => _window.See(answer);

    /// <summary>The PBX has everything up to here.</summary>
    /// <returns>Whether it has what was never seen: reading goes on behind it, at what came early or here, after <see cref="Skip"/>.</returns>
    /// <remarks>Of two versions of what stands in the stream the PBX's acknowledgment says which one it took: data out of its window is none.</remarks>
    public bool IsMissing(uint sequence)
    {
        var missing = (int)(sequence - Next);

        // It took the connection, and has a byte of it.
        IsProven |= _window.Told is not null && (int)(sequence - _first) > 0;
        if (_end == sequence && missing == 1)
        {
            // An end has a number of its own.
            missing = 0;
        }

        if (missing is > 0 or < -Window)
        {
            return true;
        }

        // It has some of what waits here, and not only what came before: a connection that was open before anybody looked.
        var covered = (int)(sequence - _queue.Released);
        IsProven |= covered > 0;
        if (!IsProven && covered < 0)
        {
            // It is not where the bytes are that wait: they are another's.
            Jump(sequence);
        }

        return false;
    }

    /// <summary>Goes on behind what was never seen.</summary>
    public void Skip(uint acknowledged) => Jump(_queue.FirstEarly(acknowledged));

    /// <returns>Whether the sender's end was the last that the PBX took.</returns>
    public bool IsEndedAt(uint acknowledged) => _end == acknowledged && Next + 1 == acknowledged;

    /// <inheritdoc cref="TcpQueue.TakeOddities"/>
    public (bool IsContradicted, bool IsOverrun) TakeOddities() => _queue.TakeOddities();

    /// <summary>Gives up what its receiver has.</summary>
    public TcpRelease Release(uint limit, bool isForkable) => _queue.Release(limit, isForkable);

    /// <summary>Says which reading takes which bytes.</summary>
    /// <returns>Pairs in their order; and whether some way to read it is not followed.</returns>
    public (IReadOnlyList<(TcpReading Reading, byte[] Bytes)> Each, bool IsPartial) Share(in TcpRelease release)
    {
        var (each, isPartial) = ShareVersions(release);
        if (release.Urgent.Count > 0)
        {
            // Whether the reader was past a mark before the next one came, nobody can say: then the byte of the earlier stays where it is, in the reading behind.
            isPartial |= each.Count * 2 > MostReadings || release.Urgent.Count > 2;
            each.RemoveRange(Math.Min(each.Count, MostReadings / 2), Math.Max(0, each.Count - (MostReadings / 2)));
            int[] last = release.Urgent.Count > 1 ? [release.Urgent[^1]] : [];
            for (var i = each.Count - 1; i >= 0; i--)
            {
                var (reading, bytes) = each[i];
                each[i] = (reading, TcpRelease.Without(bytes, release.Urgent));
                each.Add((reading.Fork(reading.Version), TcpRelease.Without(bytes, last)));
            }
        }

        _readings.Clear();
        _readings.AddRange(each.Select(static pair => pair.Reading));
        return (each, isPartial);
    }

    // Each reading goes on in each version; where these are too many, the ones that stay with what came first and with what came last.
    private (List<(TcpReading Reading, byte[] Bytes)> Each, bool IsPartial) ShareVersions(in TcpRelease release)
    {
        List<(TcpReading, byte[])> each = [];
        var isPartial = _readings.Count * (release.Others.Count + 1) > MostReadings;
        foreach (var reading in _readings)
        {
            var own = isPartial ? release.Others.FirstOrDefault(other => other.Version == reading.Version).Run : null;
            each.Add((reading, own ?? release.Run!));
        }

        foreach (var (version, run) in release.Others)
        {
            var isNew = !_readings.Exists(reading => reading.Version == version);
            foreach (var reading in _readings.Where(reading => !isPartial || (isNew && reading.Version == TcpVersion.First)))
            {
                each.Add((reading.Fork(reading.Version == version || (isNew && reading.Version == TcpVersion.First) ? version : TcpVersion.Mixed), run));
            }
        }

        foreach (var reading in release.Others.Count > 0 && !isPartial ? _readings.FindAll(static reading => reading.Version != TcpVersion.First) : [])
        {
            reading.Version = TcpVersion.Mixed;
        }

        while (each.Count > MostReadings)
        {
            var mixed = each.FindIndex(1, static pair => pair.Item1.Version == TcpVersion.Mixed);
            each.RemoveAt(mixed > 0 ? mixed : each.Count - 1);
        }

        return (each, isPartial);
    }

    /// <summary>What reads on alike is read once.</summary>
    public void Join()
    {
        for (var i = _readings.Count - 1; i > 0; i--)
        {
            if (_readings.FindIndex(reading => reading.IsAs(_readings[i])) < i)
            {
                _readings.RemoveAt(i);
            }
        }
    }

    private void Jump(uint sequence)
    {
        _end = null;
        _queue.Jump(sequence);
        _readings.RemoveRange(1, _readings.Count - 1);
        Reading.IsWhole = false;
        Reading.Forget();
    }
}
