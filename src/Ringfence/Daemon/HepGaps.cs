namespace Ringfence.Daemon;

/// <summary>What HEP did not tell, by what other sources say: messages too long for a datagram of its own (<see cref="Core.Sip.UntoldByHep"/>).</summary>
/// <remarks>A security record that the logger cut, or a notice with as much of a Call-ID as it can hold, may be about a message that HEP told: each told message explains one of
/// each witness's, and no more. Who has one told a minute would hide all that are not.</remarks>
internal sealed class HepGaps(TimeProvider clock)
{
    // So long ago is not lately; a message explains a record so long after it, and a log is so much quicker than HEP.
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Near = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    // Beside such a Call-ID a security record does not fit into the 8,191 bytes of Asterisk's logger.
    private const int LongMessage = 7_000;

    // Of so many told messages and signs it is known which explains which. No phone sends the like: what is beyond counts as untold.
    private const int Most = 64;

    private readonly Dictionary<(string What, string Source), Witness> _witnesses = [];
    private readonly DateTimeOffset[] _told = new DateTimeOffset[Most];
    private long _toldTotal;

    /// <summary>When a message was missed last, or may have been; null: never.</summary>
    public DateTimeOffset? Last { get; private set; }

    /// <summary>Messages since start, at least: each witness tells of one once.</summary>
    public long Total => _witnesses.Values.Select(static witness => witness.Untold).DefaultIfEmpty().Max();

    /// <summary>When the last of them was missed; null: none was lately.</summary>
    public DateTimeOffset? Lately(DateTimeOffset now) => _witnesses.Values.Select(static witness => witness.Last).Max() is { } time && (now - time).Duration() <= Long ? time : null;

    /// <param name="unsent">Lines of it that say that Asterisk could not send a message.</param>
    /// <param name="cut">Security records in it that were cut: about such a message, or about one that HEP told.</param>
    public void SeeLogged(string log, long unsent, long cut)
    {
        var now = Miss();
        Of("unsent", log).Add(unsent, now, isDoubtful: false);
        for (var witness = Of("cut", log); cut > 0; cut--)
        {
            if (!IsTold(witness, now))
            {
                witness.Add(1, now, isDoubtful: true);
            }
        }
    }

    /// <summary>A record is about such a message.</summary>
    /// <param name="isSure">false: it may be, and HEP tells it a moment later then.</param>
    public void SeeRecord(string source, bool isSure) => Of("record", source).Add(1, Miss(), isDoubtful: !isSure);

    /// <summary>HEP told a message.</summary>
    public void SeeTold(int bytes, DateTimeOffset now)
    {
        if (bytes < LongMessage)
        {
            return;
        }

        _told[_toldTotal++ % Most] = now;
        foreach (var witness in _witnesses.Values.Where(witness => witness.Explain(now)))
        {
            witness.Used = _toldTotal;
        }
    }

    private DateTimeOffset Miss()
    {
        var now = clock.GetUtcNow();
        Last = now;
        return now;
    }

    private Witness Of(string what, string source) => _witnesses.TryGetValue((what, source), out var known) ? known : _witnesses[(what, source)] = new Witness();

    // Whether a message that HEP told before explains it; that one explains no other of this witness's then.
    private bool IsTold(Witness witness, DateTimeOffset now)
    {
        for (witness.Used = Math.Max(witness.Used, _toldTotal - Most); witness.Used < _toldTotal;)
        {
            if ((now - _told[witness.Used++ % Most]).Duration() <= Near)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Who says what HEP did not tell.</summary>
    private sealed class Witness
    {
        // Oldest first.
        private readonly List<(DateTimeOffset Time, bool IsDoubtful)> _signs = [];

        /// <summary>Messages since start.</summary>
        public long Untold { get; private set; }

        /// <summary>So many of the messages that HEP told explain none of its signs any more.</summary>
        public long Used { get; set; }

        public DateTimeOffset? Last => _signs.Count > 0 ? _signs[^1].Time : null;

        public void Add(long count, DateTimeOffset now, bool isDoubtful)
        {
            Untold += count;
            for (count = Math.Min(count, Most); count > 0; count--)
            {
                _signs.Add((now, isDoubtful));
            }

            _signs.RemoveRange(0, Math.Max(0, _signs.Count - Most));
        }

        /// <returns>Whether a message that was told now explains one of its signs: the log was quicker.</returns>
        public bool Explain(DateTimeOffset now)
        {
            var at = _signs.FindIndex(sign => sign.IsDoubtful && (now - sign.Time).Duration() <= Soon);
            if (at < 0)
            {
                return false;
            }

            _signs.RemoveAt(at);
            Untold--;
            return true;
        }
    }
}
