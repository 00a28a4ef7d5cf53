namespace Ringfence.Core.Wire;

/// <summary>The streams that are read, bounded: so many at once, and so many bytes; who was not seen for the longest time gives way (CLOCK).</summary>
internal sealed class TcpStreams
{
    public const int MostStreams = 4_096;
    public const int MostBytes = 16 * 1024 * 1024;

    private const int Spared = 64;

    private readonly Dictionary<Flow, TcpStream> _streams = [];
    private readonly TcpStream?[] _ring = new TcpStream?[MostStreams];
    private readonly Stack<int> _free = new(Enumerable.Range(0, MostStreams).Reverse());
    private int _hand;
    private long _bytes;

    /// <summary>Streams that were given up in the middle of a message.</summary>
    public long Lost { get; private set; }

    public int Count => _streams.Count;

    /// <summary>Bytes of memory that the streams hold.</summary>
    public long HeldBytes => _bytes;

    public TcpStream? Find(Flow flow) => _streams.TryGetValue(flow, out var stream) ? stream : null;

    public TcpStream Open(Flow flow, uint sequence, bool isOwn)
    {
        if (_free.Count == 0)
        {
            Evict();
        }

        var place = _free.Pop();
        var stream = new TcpStream(flow, sequence, place, isOwn);
        _ring[place] = stream;
        _streams.Add(flow, stream);
        return stream;
    }

    public void Close(TcpStream stream)
    {
        if (_ring[stream.Place] != stream)
        {
            // It gave way to another.
            return;
        }

        _streams.Remove(stream.Flow);
        _ring[stream.Place] = null;
        _free.Push(stream.Place);
        _bytes -= stream.AccountedBytes;
        stream.AccountedBytes = 0;
    }

    /// <summary>Has to be called when a stream may hold more or less than before.</summary>
    public void Account(TcpStream stream)
    {
        if (_ring[stream.Place] != stream)
        {
            // It gave way to another.
            return;
        }

        stream.IsRecent = true;
        var held = stream.HeldBytes;
        _bytes += held - stream.AccountedBytes;
        stream.AccountedBytes = held;
        while (_bytes > MostBytes)
        {
            Evict();
        }
    }

    private void Evict()
    {
        for (var step = 0; ; step++)
        {
            _hand = (_hand + 1) % MostStreams;
            if (_ring[_hand] is not { } stream)
            {
                continue;
            }

            // Who is in the middle of a message goes after who is not: a flood of connections without a word pushes out its like.
            if (stream.IsRecent || (step < Spared && _bytes <= MostBytes && stream.AccountedBytes > 0))
            {
                stream.IsRecent = false;
                continue;
            }

            Lost += stream.AccountedBytes > 0 ? 1 : 0;
            Close(stream);
            return;
        }
    }
}
