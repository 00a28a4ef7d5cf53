namespace Ringfence.Core.Wire;

/// <summary>The bytes of one direction of a connection between the network and its reader, as the receiver's kernel queues them.</summary>
/// <remarks>
/// Linux, net/ipv4/tcp_input.c (tcp_data_queue, tcp_data_queue_ofo, tcp_ofo_queue, tcp_check_urg): what is next in the stream is taken once, whatever comes
/// for it later; of what comes too early a segment gives way to one that begins where it does and is longer, or covers it. The urgent byte is taken out of the stream.
/// What was written twice and differs is kept both ways until it is released: a packet that the kernel dropped for a reason that nobody sees here (a rule of its
/// firewall, no memory) left no trace on the wire.
/// </remarks>
/// <param name="first">The number of the first byte.</param>
internal sealed class TcpQueue(uint first)
{
    /// <summary>Room for what comes early. A receiver has more bytes of it; a sender who needs that many pieces is no phone.</summary>
    private const int MostPieces = 256;

    /// <summary>Of versions of the same bytes, and of places where it is not known whether a byte was urgent.</summary>
    private const int MostOthers = 32;

    private const int MostUrgent = 16;

    // What the list has for each piece beside its bytes.
    private const int PieceBytes = 48;

    // In the order of the stream without a gap, up to _next.
    private readonly List<Piece> _taken = [];

    // By sequence; none covers another.
    private readonly List<Piece> _early = [];
    private readonly List<Other> _others = [];
    private readonly List<uint> _urgent = [];

    private uint _released = first;
    private uint _next = first;
    private bool _isUrgent;
    private int _pieceBytes;
    private int _otherBytes;

    /// <summary>The number of the byte that comes next.</summary>
    public uint Next => _next;

    /// <summary>Up to where it was released.</summary>
    public uint Released => _released;

    public int EarlyCount => _early.Count;

    /// <summary>Bytes of memory that wait.</summary>
    public int HeldBytes => _pieceBytes + _otherBytes;

    /// <summary>Bytes since the last <see cref="Take"/> that were written twice and differ.</summary>
    public bool IsContradicted { get; private set; }

    /// <summary>More versions of the same bytes came than are kept, or more pieces.</summary>
    public bool IsOverrun { get; private set; }

    /// <summary>Takes a segment that the receiver accepts.</summary>
    /// <param name="urgent">Its urgent pointer.</param>
    public void Take(uint sequence, ReadOnlySpan<byte> payload, ushort? urgent)
    {
        if (urgent is { } pointer)
        {
            Mark(sequence, pointer);
        }

        Compare(sequence, payload);
        var ahead = (int)(sequence - _next);
        if (ahead > 0)
        {
            Hold(new Piece(sequence, payload.ToArray()));
            return;
        }

        if (-ahead >= payload.Length)
        {
            return;
        }

        Append(new Piece(_next, payload[-ahead..].ToArray()));
        Drain();
    }

    /// <summary>Goes on at another place: what waited before it is gone.</summary>
    public void Jump(uint sequence)
    {
        Clear(_taken, static _ => true);
        _others.Clear();
        CountOthers();
        _urgent.Clear();
        _isUrgent = false;
        (_next, _released) = (sequence, sequence);
        Clear(_early, piece => (int)(piece.Sequence - sequence) is < 0 or > TcpStream.Window);
        Drain();
    }

    /// <returns>Where the first piece begins that came early, if it begins before this; else this.</returns>
    public uint FirstEarly(uint limit) => _early.Count > 0 && (int)(_early[0].Sequence - _next) > 0 && (int)(_early[0].Sequence - limit) < 0 ? _early[0].Sequence : limit;

    /// <summary>Gives up to its reader what stands before a place, or a part of it: to be called until there is no more.</summary>
    /// <param name="limit">A place beyond <see cref="Next"/> is that.</param>
    /// <param name="isForkable">The reader can read more than one version.</param>
    public TcpRelease Release(uint limit, bool isForkable)
    {
        var limited = FirstOthers((int)(limit - _next) > 0 ? _next : limit);
        var length = (int)(limited - _released);
        if (length <= 0)
        {
            return default;
        }

        var from = _released;
        byte[] run;
        var pieces = 0;
        while (pieces < _taken.Count && (int)(_taken[pieces].End - limited) <= 0)
        {
            pieces++;
        }

        if (pieces == 1 && _taken[0].Bytes.Length == length)
        {
            run = _taken[0].Bytes;
            Forget(_taken[0]);
            _taken.RemoveAt(0);
        }
        else
        {
            run = Join(length, limited, pieces);
        }

        _released = limited;
        if (_others.Count == 0 && _urgent.Count == 0)
        {
            return new TcpRelease(run, [], []);
        }

        return Versions(from, run, isForkable);
    }

    // Where the first place ends that was written more than once: at another the kernel may have taken another version.
    private uint FirstOthers(uint limit)
    {
        if (_others.Count < 2)
        {
            return limit;
        }

        var (isAny, end) = (false, limit);
        foreach (var piece in _others.Select(static other => other.Piece).OrderBy(piece => (int)(piece.Sequence - _released)))
        {
            if (isAny && (int)(piece.Sequence - end) >= 0)
            {
                break;
            }

            end = isAny ? Later(end, piece.End) : piece.End;
            isAny = true;
        }

        return Earlier(end, limit);
    }

    private byte[] Join(int length, uint limited, int whole)
    {
        var run = new byte[length];
        var at = 0;
        for (var i = 0; i < whole; i++)
        {
            _taken[i].Bytes.CopyTo(run, at);
            at += _taken[i].Bytes.Length;
            Forget(_taken[i]);
        }

        _taken.RemoveRange(0, whole);
        if (at < length)
        {
            // The receiver acknowledged a part of what was captured as one: the network's card joined segments.
            var piece = _taken[0];
            piece.Bytes.AsSpan(0, length - at).CopyTo(run.AsSpan(at));
            Forget(piece);
            _taken[0] = new Piece(limited, piece.Bytes[(length - at)..]);
            _pieceBytes += _taken[0].HeldBytes;
        }

        return run;
    }

    private TcpRelease Versions(uint from, byte[] run, bool isForkable)
    {
        List<(TcpVersion, byte[])> versions = [];
        if (isForkable && _others.Count > 0)
        {
            Add(versions, TcpVersion.Last, from, run, static _ => true);
            for (var version = TcpVersion.Second; version <= TcpVersion.Fourth; version++)
            {
                Add(versions, version, from, run, other => other.Version == version);
            }
        }

        var end = from + (uint)run.Length;
        _others.RemoveAll(other => (int)(other.Piece.End - end) <= 0);
        CountOthers();
        var marks = _urgent.Where(mark => (int)(mark - end) < 0 && (int)(mark - from) >= 0).Select(mark => (int)(mark - from)).ToArray();
        _urgent.RemoveAll(mark => (int)(mark - end) < 0);
        _isUrgent &= _urgent.Count > 0;
        return new TcpRelease(run, versions, marks);
    }

    private void Add(List<(TcpVersion Version, byte[] Run)> versions, TcpVersion version, uint from, byte[] run, Func<Other, bool> isOf)
    {
        var other = (byte[])run.Clone();
        foreach (var piece in _others.Where(isOf))
        {
            Patch(other, from, piece.Piece);
        }

        if (!other.AsSpan().SequenceEqual(run) && versions.TrueForAll(known => !known.Run.AsSpan().SequenceEqual(other)))
        {
            versions.Add((version, other));
        }
    }

    private static void Patch(byte[] run, uint from, Piece piece)
    {
        var start = (int)(piece.Sequence - from);
        var skipped = Math.Max(0, -start);
        var length = Math.Min(piece.Bytes.Length - skipped, run.Length - Math.Max(0, start));
        if (length > 0)
        {
            piece.Bytes.AsSpan(skipped, length).CopyTo(run.AsSpan(Math.Max(0, start)));
        }
    }

    // tcp_check_urg: the pointer names the byte behind the urgent one (RFC 6093 section 2.1; Linux' tcp_stdurg is off).
    private void Mark(uint sequence, ushort pointer)
    {
        var mark = sequence + (pointer == 0 ? 0u : pointer - 1u);
        if ((int)(mark - _next) < 0 || (_isUrgent && (int)(mark - _urgent[^1]) <= 0))
        {
            return;
        }

        if (_isUrgent && (int)(_urgent[^1] - _next) >= 0)
        {
            // The receiver has not seen the byte of the earlier mark: it knows one at a time.
            _urgent.RemoveAt(_urgent.Count - 1);
        }

        // Else whether its reader was past it by then nobody can say.
        if (_urgent.Count >= MostUrgent)
        {
            IsOverrun = true;
            _urgent.RemoveAt(0);
        }

        _urgent.Add(mark);
        _isUrgent = true;
    }

    // What is written once more must be the same (RFC 9293 section 3.4); who writes something else means to deceive.
    private void Compare(uint sequence, ReadOnlySpan<byte> payload)
    {
        if (_taken.Count == 0 || (int)(sequence - _next) >= 0)
        {
            return;
        }

        // A sender of single bytes has as many pieces as the window has room.
        var end = sequence + (uint)payload.Length;
        for (var i = FirstEndingBehind(sequence); i < _taken.Count && (int)(_taken[i].Sequence - end) < 0; i++)
        {
            var piece = _taken[i];
            var from = Later(Later(sequence, piece.Sequence), _released);
            var length = (int)(Earlier(sequence + (uint)payload.Length, piece.End) - from);
            if (length > 0 && !payload.Slice((int)(from - sequence), length).SequenceEqual(piece.Bytes.AsSpan((int)(from - piece.Sequence), length)))
            {
                Add(new Piece(from, payload.Slice((int)(from - sequence), length).ToArray()));
            }
        }
    }

    // In _taken, which is in order.
    private int FirstEndingBehind(uint sequence)
    {
        var (low, high) = (0, _taken.Count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = (int)(_taken[middle].End - sequence) <= 0 ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private void Add(Piece other)
    {
        IsContradicted = true;
        var version = TcpVersion.Second;
        foreach (var known in _others)
        {
            if ((int)(known.Piece.End - other.Sequence) <= 0 || (int)(other.End - known.Piece.Sequence) <= 0)
            {
                continue;
            }

            if (known.Piece.Sequence == other.Sequence && known.Piece.Bytes.AsSpan().SequenceEqual(other.Bytes))
            {
                return;
            }

            version = known.Version >= version ? (TcpVersion)Math.Min((int)known.Version + 1, (int)TcpVersion.Mixed) : version;
        }

        // Of more versions than that the last is read all the same.
        IsOverrun |= _others.Count >= MostOthers || version > TcpVersion.Fourth;
        if (_others.Count >= MostOthers)
        {
            _others.RemoveAt(0);
        }

        _others.Add(new Other(other, version));
        CountOthers();
    }

    // tcp_data_queue_ofo.
    private void Hold(Piece piece)
    {
        if (piece.Bytes.Length == 0)
        {
            return;
        }

        var at = _early.FindLastIndex(early => (int)(early.Sequence - piece.Sequence) <= 0);
        if (at >= 0)
        {
            var before = _early[at];
            if ((int)(piece.End - before.End) <= 0)
            {
                AddIfOther(piece, before);
                return;
            }

            if (before.Sequence == piece.Sequence)
            {
                AddIfOther(before, piece);
                Forget(before);
                _early.RemoveAt(at--);
            }
        }

        at++;
        while (at < _early.Count && (int)(_early[at].End - piece.End) <= 0)
        {
            AddIfOther(_early[at], piece);
            Forget(_early[at]);
            _early.RemoveAt(at);
        }

        if (_early.Count >= MostPieces)
        {
            IsOverrun = true;
            return;
        }

        _early.Insert(at, piece);
        _pieceBytes += piece.HeldBytes;
    }

    private void AddIfOther(Piece inner, Piece outer)
    {
        if (!outer.Bytes.AsSpan((int)(inner.Sequence - outer.Sequence), inner.Bytes.Length).SequenceEqual(inner.Bytes))
        {
            Add(inner);
        }
    }

    // tcp_ofo_queue: what lies lower wins.
    private void Drain()
    {
        while (_early.Count > 0 && (int)(_early[0].Sequence - _next) <= 0)
        {
            var piece = _early[0];
            _early.RemoveAt(0);
            Forget(piece);
            Compare(piece.Sequence, piece.Bytes);
            var known = (int)(_next - piece.Sequence);
            if (known < piece.Bytes.Length)
            {
                Append(known == 0 ? piece : new Piece(_next, piece.Bytes[known..]));
            }
        }
    }

    private void Append(Piece piece)
    {
        _taken.Add(piece);
        _pieceBytes += piece.HeldBytes;
        _next = piece.End;
    }

    private void Clear(List<Piece> pieces, Predicate<Piece> isOver)
    {
        foreach (var piece in pieces)
        {
            if (isOver(piece))
            {
                Forget(piece);
            }
        }

        pieces.RemoveAll(isOver);
    }

    private void Forget(Piece piece) => _pieceBytes -= piece.HeldBytes;

    private void CountOthers() => _otherBytes = _others.Sum(static other => other.Piece.HeldBytes);

    /// <returns>Whether something was written twice since it was asked last, and whether more of that came than is kept.</returns>
    public (bool IsContradicted, bool IsOverrun) TakeOddities()
    {
        var odd = (IsContradicted, IsOverrun);
        (IsContradicted, IsOverrun) = (false, false);
        return odd;
    }

    private static uint Later(uint one, uint other) => (int)(one - other) > 0 ? one : other;

    private static uint Earlier(uint one, uint other) => (int)(one - other) < 0 ? one : other;

    private readonly record struct Piece(uint Sequence, byte[] Bytes)
    {
        public uint End => Sequence + (uint)Bytes.Length;

        public int HeldBytes => Bytes.Length + PieceBytes;
    }

    private readonly record struct Other(Piece Piece, TcpVersion Version);
}
