using System.Security.Cryptography;
using Ringfence.Core.Events;

namespace Ringfence.Core.Knock;

/// <summary>For whom a door opens.</summary>
/// <param name="Sent">By the sender's clock: who starts anew takes nothing of this user that is no later.</param>
internal sealed record KnockOpening(string User, Address Address, string Zone, DateTimeOffset Sent);

/// <summary>What became of packets at the door since the start.</summary>
/// <param name="Strange">Of no user: another length, or a number that nobody has.</param>
/// <param name="Forged">With the number of a user, and made by somebody who has not his key.</param>
/// <param name="Late">The sender's clock, or the packet, is outside of the window, or it is no later than what an earlier process let in.</param>
/// <param name="Repeated">Seen before.</param>
/// <param name="TooMany">One user's, beyond what is remembered of him.</param>
/// <param name="Odd">Made with the key, and asks for what is not to be had.</param>
internal readonly record struct KnockCounts(long Opened, long Strange, long Forged, long Late, long Repeated, long TooMany, long Odd);

/// <summary>Decides about each packet that comes to the door. Nothing is ever answered; what is not a user's costs a look into a table.</summary>
/// <remarks>One caller at a time.</remarks>
internal sealed class KnockGate : IDisposable
{
    /// <summary>Knocks of one user that are remembered until none of their copies would be in time: twice the window.</summary>
    public const int MostKnocks = 64;

    private readonly Visitor[] _visitors;
    private readonly TimeSpan _window;

    // Numbers of the turns that a packet in time can be of, with their users.
    private readonly Dictionary<ulong, Visitor> _numbers = [];
    private (long First, long Last) _turns = (-1, -2);
    private KnockCounts _counts;

    /// <param name="window">How far a sender's clock may be from ours, either way.</param>
    /// <param name="after">Of each user the latest knock that an earlier process let in: a copy of it, or of one before, must not open again.</param>
    public KnockGate(IEnumerable<KnockKey> keys, TimeSpan window, Func<string, DateTimeOffset> after)
    {
        _visitors = [.. keys.Select(key => new Visitor(key, after(key.User)))];
        _window = window;
    }

    public KnockCounts Counts => _counts;

    /// <param name="source">Where the packet says that it comes from: anybody can write that, and who does has no key.</param>
    /// <returns>null: nothing is to be done.</returns>
    public KnockOpening? See(ReadOnlySpan<byte> packet, Address source, DateTimeOffset now)
    {
        if (packet.Length != KnockPacket.Length)
        {
            _counts = _counts with { Strange = _counts.Strange + 1 };
            return null;
        }

        Turn(now);
        if (!_numbers.TryGetValue(KnockPacket.SenderIn(packet), out var visitor))
        {
            _counts = _counts with { Strange = _counts.Strange + 1 };
            return null;
        }

        if (!KnockPacket.IsSealed(visitor.Key, packet))
        {
            _counts = _counts with { Forged = _counts.Forged + 1 };
            return null;
        }

        if (KnockPacket.Open(visitor.Cipher, packet) is not { } request)
        {
            _counts = _counts with { Odd = _counts.Odd + 1 };
            return null;
        }

        if ((request.Sent - now).Duration() > _window || request.Sent <= visitor.After)
        {
            _counts = _counts with { Late = _counts.Late + 1 };
            return null;
        }

        switch (visitor.Remember(packet, request.Sent, now - _window))
        {
            case false:
                _counts = _counts with { Repeated = _counts.Repeated + 1 };
                return null;
            case null:
                _counts = _counts with { TooMany = _counts.TooMany + 1 };
                return null;
        }

        var address = request.Address ?? source;
        if (!IsHost(address))
        {
            _counts = _counts with { Odd = _counts.Odd + 1 };
            return null;
        }

        _counts = _counts with { Opened = _counts.Opened + 1 };
        return new KnockOpening(visitor.Key.User, address, request.Zone, request.Sent);
    }

    public void Dispose()
    {
        foreach (var visitor in _visitors)
        {
            visitor.Cipher.Dispose();
        }
    }

    /// <summary>Not everybody's (0.0.0.0, ::), a group's, or the machine's own.</summary>
    public static bool IsHost(Address address) => address.IsIPv4
        ? address.IPv4Bits >> 24 is > 0 and < 224 and not 127
        : address.High >> 56 != 0xff && !(address.High == 0 && address.Low <= 1);

    private void Turn(DateTimeOffset now)
    {
        var turns = (KnockPacket.TurnOf(now - _window), KnockPacket.TurnOf(now + _window));
        if (turns == _turns)
        {
            return;
        }

        _turns = turns;
        _numbers.Clear();
        foreach (var visitor in _visitors)
        {
            for (var turn = turns.Item1; turn <= turns.Item2; turn++)
            {
                _numbers[KnockPacket.SenderOf(visitor.Key, turn)] = visitor;
            }
        }
    }

    /// <summary>A user, and the knocks of his of which a copy would be in time.</summary>
    private sealed class Visitor(KnockKey key, DateTimeOffset after)
    {
        private readonly List<(UInt128 Nonce, DateTimeOffset Sent)> _seen = [];

        public KnockKey Key => key;

        public DateTimeOffset After => after;

        public AesGcm Cipher { get; } = KnockPacket.CipherOf(key);

        /// <returns>true: it is new; false: it was seen; null: so many were seen that none more is remembered.</returns>
        public bool? Remember(ReadOnlySpan<byte> packet, DateTimeOffset sent, DateTimeOffset oldest)
        {
            var nonce = UInt128.Zero;
            foreach (var part in KnockPacket.NonceIn(packet))
            {
                nonce = (nonce << 8) | part;
            }

            _seen.RemoveAll(knock => knock.Sent < oldest);
            if (_seen.Exists(knock => knock.Nonce == nonce))
            {
                return false;
            }

            if (_seen.Count == MostKnocks)
            {
                return null;
            }

            _seen.Add((nonce, sent));
            return true;
        }
    }
}
