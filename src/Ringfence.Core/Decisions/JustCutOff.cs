using Ringfence.Core.Events;

namespace Ringfence.Core.Decisions;

/// <summary>Whom the kernel cut off a moment ago.</summary>
/// <remarks>
/// What the PBX answers such an address after that had arrived before: of 3,000 guesses sent at once over one connection Asterisk 22 works off some 2,000 after the ban
/// (bench/duel: register-pipelined). A login among them is the guesser's own: it neither ends his ban nor makes him a phone.
/// </remarks>
internal sealed class JustCutOff
{
    /// <summary>A connection's buffer of 6 MB holds some 10,000 guesses, of which Asterisk works off 1,000 a second.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromMinutes(1);

    private const int Most = 16_384;

    private readonly Dictionary<Network, long> _since = [];

    /// <param name="at">By the machine's clock, when the kernel had it.</param>
    public void Add(Network subject, DateTimeOffset at)
    {
        if (_since.Count >= Most)
        {
            foreach (var old in _since.Where(entry => Math.Abs(at.UtcTicks - entry.Value) > Memory.Ticks).Select(entry => entry.Key).ToList())
            {
                _since.Remove(old);
            }
        }

        if (_since.Count < Most)
        {
            _since[subject] = at.UtcTicks;
        }
    }

    /// <summary>Whether what the PBX told of the address at that moment came through before the ban, and was answered after it.</summary>
    public bool Holds(Address source, long timeTicks) => _since.TryGetValue(source.Subject, out var since) && timeTicks > since && timeTicks - since <= Memory.Ticks;

    /// <summary>The ban is over before its time.</summary>
    public void Remove(Network subject) => _since.Remove(subject);
}
