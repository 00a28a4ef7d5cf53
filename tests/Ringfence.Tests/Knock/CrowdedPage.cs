using Ringfence.Core.Events;
using Ringfence.Core.Knock;

namespace Ringfence.Tests.Knock;

/// <summary>The page under 140 wrong tries a second: half from ever other /64s of one IPv6 /48, half from ever other addresses of 100 IPv4 /24s. Innocents have the right password and come
/// again when they are told to.</summary>
internal sealed class CrowdedPage(int seed, DateTimeOffset start)
{
    private const int TriesInStep = 28;

    // What DoorPage waits for: 25 glances of 200 ms.
    private const int Patience = 25;

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(200);

    private readonly PageGuesses _guesses = new();
    private readonly Random _random = new(seed);
    private readonly List<Waiting> _line = [];
    private readonly Dictionary<Address, (DateTimeOffset At, int Tries)> _innocents = [];
    private DateTimeOffset _now = start;
    private ulong _next;

    public List<Address> CameIn { get; } = [];

    public int InnocentsTold { get; private set; }

    public int MostTries { get; private set; }

    public void Innocent(Address source) => _innocents[source] = (_now, 0);

    public void Attack(int seconds)
    {
        for (var end = _now.AddSeconds(seconds); _now < end; _now += Step)
        {
            List<Address> sources = [.. Enumerable.Range(0, TriesInStep).Select(_ => Stranger()), .. _innocents.Where(one => one.Value.At <= _now).Select(static one => one.Key)];
            foreach (var place in _line.OrderBy(_ => _random.Next()).ToList())
            {
                var answer = _guesses.Again(place.Place, _now);
                place.Glances++;
                See(place.Place.Source, place.Glances == Patience && answer.Turn is PageTurn.InLine ? _guesses.Leave(place.Place, _now) : answer, place);
            }

            foreach (var source in sources.OrderBy(_ => _random.Next()))
            {
                See(source, _guesses.Try(source, _now), null);
            }
        }
    }

    private Address Stranger() => _random.Next(2) == 0
        ? new Address(0x2001_0db8_0001_0000 + (_next++ % 65_536), 1)
        : Address.FromIPv4(0xc6120000u + ((uint)_random.Next(100) << 8) + (uint)_random.Next(1, 255));

    private void See(Address source, PageDecision answer, Waiting? place)
    {
        if (answer.Turn is not PageTurn.InLine && place is not null)
        {
            _line.Remove(place);
        }

        if (answer.Place is { } given && place is null)
        {
            _line.Add(new Waiting(given));
        }

        if (!_innocents.TryGetValue(source, out var innocent))
        {
            return;
        }

        var tries = innocent.Tries + (place is null ? 1 : 0);
        MostTries = Math.Max(MostTries, tries);
        _innocents[source] = (answer.Turn is PageTurn.InLine ? DateTimeOffset.MaxValue : _now + answer.Wait, tries);
        InnocentsTold += answer.Turn is PageTurn.OwnWait ? 1 : 0;
        if (answer.Turn is PageTurn.Now)
        {
            _guesses.Succeed(source);
            _innocents.Remove(source);
            CameIn.Add(source);
        }
    }

    private sealed class Waiting(PagePlace place)
    {
        public PagePlace Place => place;

        public int Glances { get; set; }
    }
}
