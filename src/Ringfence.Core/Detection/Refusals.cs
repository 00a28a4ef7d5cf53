using Ringfence.Core.Events;

namespace Ringfence.Core.Detection;

/// <summary>The refusals of one address that a claim may stand on: all, or those alone that prove their source.</summary>
/// <remarks>
/// Where the evidence over UDP only alerts, it must neither hold up a ban on evidence over TCP nor lend it weight: whoever wants to stay
/// unbanned would else mix one UDP packet into his tries, or forge a few in another's name.
/// </remarks>
/// <param name="door">Those that this door told: wrong passwords of ssh are no wrong passwords of a phone.</param>
internal readonly struct Refusals(AddressHistory history, LongMemory memory, Proof least, ushort door = 0)
{
    /// <summary>Challenges that the address left without an answer, lately.</summary>
    public (int Count, long SinceTicks) Unanswered => Of(history.Unanswered);

    /// <summary>The same of OPTIONS.</summary>
    public (int Count, long SinceTicks) UnansweredOptions => Of(history.UnansweredOptions);

    /// <summary>Whether it was told in that time that somebody guesses there between logins.</summary>
    public bool IsTold(long nowTicks, TimeSpan within) => history.ToldTicks != 0 && Math.Abs(nowTicks - history.ToldTicks) <= within.Ticks;

    /// <summary>What many do together.</summary>
    public LongMemory Memory => memory;

    /// <summary>The proof that a refusal must have to count.</summary>
    public Proof Least => least;

    /// <summary>Whether the PBX itself told them. What is counted over a day is the PBX's alone: strangers guess "root" on every machine every day, and the
    /// administrator who mistypes his password twice must not be one of them.</summary>
    public bool IsOfPbx => door == 0;

    /// <summary>What the address tried over a day; null: nothing.</summary>
    public TriedAccounts? Tried => history.Tried;

    /// <summary>Refusals of the kind and channel of <paramref name="seen"/>, at most <paramref name="window"/> from it.</summary>
    public int Count(in PbxEvent seen, TimeSpan window)
    {
        var count = 0;
        for (var i = 0; i < history.Length; i++)
        {
            count += Counts(history[i], seen, window) ? 1 : 0;
        }

        return count;
    }

    /// <summary>Refusals of accounts, told by the channel of <paramref name="seen"/>, after which somebody logged in from there as another account.</summary>
    public int CountForgiven(in PbxEvent seen, TimeSpan window)
    {
        var count = 0;
        for (var i = 0; i < history.Length; i++)
        {
            count += history[i].IsForgiven && IsWithin(history[i], seen, window) ? 1 : 0;
        }

        return count;
    }

    /// <summary>Wrong passwords for the account of <paramref name="seen"/>, told by its channel, at most <paramref name="window"/> from it.</summary>
    public int CountOfAccount(in PbxEvent seen, uint account, TimeSpan window)
    {
        var count = 0;
        for (var i = 0; i < history.Length; i++)
        {
            count += history[i].AccountHash == account && Counts(history[i], seen, window) ? 1 : 0;
        }

        return count;
    }

    /// <summary>The newest: it is the one that is looked at.</summary>
    public ref readonly Refusal Newest => ref history[history.Length - 1];

    /// <summary>The most names that <see cref="CountAccounts"/> tells apart: scan_accounts is no larger.</summary>
    public const int MostAccounts = 64;

    /// <summary>Distinct account names among them, at most <see cref="MostAccounts"/>: so many comparisons for each refusal and not as many as there are refusals.</summary>
    public int CountAccounts(in PbxEvent seen, TimeSpan window)
    {
        Span<uint> names = stackalloc uint[MostAccounts];
        var distinct = 0;
        for (var i = 0; i < history.Length && distinct < MostAccounts; i++)
        {
            ref readonly var refusal = ref history[i];
            if (Counts(refusal, seen, window) && !names[..distinct].Contains(refusal.AccountHash))
            {
                names[distinct++] = refusal.AccountHash;
            }
        }

        return distinct;
    }

    private (int Count, long SinceTicks) Of(Challenges challenges) => (least == Proof.Proven ? challenges.Proven : challenges.Count, challenges.SinceTicks);

    /// <summary>Whether the refusal may bear the claim that <paramref name="seen"/> completes, by a rule that looks at events of its kind alone.</summary>
    private bool Counts(in Refusal refusal, in PbxEvent seen, TimeSpan window) =>
        refusal.Kind == seen.Kind && IsNear(refusal, seen, window);

    /// <summary>Told by the same channel, within the window, and proven well enough.</summary>
    // Both ways: a clock that was set back, or a second log that is read a little behind the first, must not make hours one window.
    public bool IsNear(in Refusal refusal, in PbxEvent seen, TimeSpan window) => !refusal.IsForgiven && IsWithin(refusal, seen, window);

    /// <summary>The same, forgiven or not.</summary>
    public bool IsWithin(in Refusal refusal, in PbxEvent seen, TimeSpan window) =>
        refusal.Proof >= least && refusal.Door == door && refusal.Origin == seen.Origin && Math.Abs(refusal.TimeTicks - seen.TimeTicks) <= window.Ticks;
}
