using Ringfence.Core.Events;

namespace Ringfence.Core.Sip;

/// <summary>To which address the PBX sent each nonce, of the last ones.</summary>
/// <remarks>
/// A nonce that went to two addresses proves neither. Asterisk's (res_pjsip_authenticator_digest.c, build_nonce) is the MD5 of the second, the sender's
/// address without its port, a random UUID of the process and the realm: nobody can compute it, but every challenge of one second to one address has
/// the same. A forger has one answer sent to himself (maddr in the Via, RFC 3261 section 18.2.2) and another one to the address in whose name he
/// writes, and knows what that address was sent; measured with Asterisk 22. Kamailio's nonces are the same for everybody for a second.
/// So each answer of the PBX counts, also one whose request was not seen; and where answers may have been missed nothing is known (<see cref="Forget"/>).
/// A nonce proves for <see cref="Lasting"/>: the address may be another's by then (dial-up, carrier NAT), and the one before would write in his name.
/// Eight places for each nonce, the oldest taken first: within the second in which it is the same the PBX can't send the thousands that push it out.
/// </remarks>
internal sealed class SentNonces
{
    /// <summary>Beyond Asterisk's nonce_lifetime of 32 s and Kamailio's nonce_expire of 300 s: whoever answers later is asked again.</summary>
    public static readonly TimeSpan Lasting = TimeSpan.FromSeconds(310);

    private const int Ways = 8;
    private const int Sets = 1 << 13;

    private readonly Sent[] _sent = new Sent[Sets * Ways];

    /// <param name="nonce">Its hash, by a key of the process.</param>
    /// <param name="isSure">Nobody else was sent it unseen. Of a message that two sources tell, the one that sees all may be the second.</param>
    public void Add(ulong nonce, Address to, bool isSure, long timeTicks)
    {
        var set = _sent.AsSpan((int)(nonce >> 51) * Ways, Ways);
        for (var i = 0; i < Ways; i++)
        {
            if (set[i].Nonce == nonce)
            {
                set[i] = set[i] with { IsShared = set[i].IsShared || set[i].To != to, IsSure = set[i].IsSure || isSure, Second = SecondOf(timeTicks) };
                return;
            }
        }

        // The newest first.
        set[..^1].CopyTo(set[1..]);
        set[0] = new Sent(nonce, to, SecondOf(timeTicks), IsShared: false, isSure);
    }

    /// <returns>Whether it was sent to that address and, as far as is known, to no other.</returns>
    public bool IsOnlyOf(ulong nonce, Address address, long timeTicks)
    {
        foreach (var sent in _sent.AsSpan((int)(nonce >> 51) * Ways, Ways))
        {
            if (sent.Nonce == nonce)
            {
                return sent is { IsShared: false, IsSure: true } && sent.To == address && Math.Abs((long)SecondOf(timeTicks) - sent.Second) <= Lasting.TotalSeconds;
            }
        }

        return false;
    }

    /// <summary>Answers were missed: to whom else the nonces went nobody knows.</summary>
    public void Forget() => Array.Clear(_sent);

    private static uint SecondOf(long ticks) => (uint)(ticks / TimeSpan.TicksPerSecond);

    // 32 bytes, 65,536 times.
    private readonly record struct Sent(ulong Nonce, Address To, uint Second, bool IsShared, bool IsSure);
}
