using Ringfence.Core.Configuration;
using Ringfence.Core.Detection.Rules;
using Ringfence.Core.Events;

namespace Ringfence.Core.Detection;

/// <summary>How many wrong passwords came for each account, whoever sent them: what nobody can be banned for is told at least.</summary>
/// <remarks>
/// Each source tells each attempt once, so they are counted by source, and the one that tells most counts. Anybody can forge wrong passwords for names that he
/// invents: of accounts that nobody was seen to log in with <see cref="LongMemory.MostGuessedTold"/> a day are told.
/// </remarks>
internal sealed class BatteredAccounts(DetectionSettings settings)
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly RememberedTable<ulong, Battered> _accounts = new(4_096, static key => new Battered(key));
    private long _toldSinceTicks;
    private int _told;

    /// <summary>Takes a wrong password.</summary>
    /// <param name="account">A hash of its name.</param>
    /// <param name="isKnown">Somebody was seen to log in with that account.</param>
    /// <param name="isStrange">From where nobody was seen to log in.</param>
    /// <returns>What is to be told, one sentence for people; null: nothing, or it was told today.</returns>
    public string? Add(in PbxEvent seen, ulong account, ushort log, bool isKnown, bool isStrange)
    {
        var battered = _accounts.Use(account);
        // HEP and the wire tell each message once, whichever comes first.
        ref var tally = ref battered.Of(seen.Origin == Origin.Sip ? ushort.MaxValue : log);
        tally.Add(seen, isStrange, settings.Window, Day);
        if (battered.ToldTicks != 0 && Math.Abs(seen.TimeTicks - battered.ToldTicks) < Day.Ticks)
        {
            return null;
        }

        var isDay = tally.InWindow < BatteredAccount.Enough && tally.Elsewhere < BatteredAccount.EnoughElsewhere;
        if ((isDay && tally.InDay < BatteredAccount.EnoughInADay && tally.InDayStrange < BatteredAccount.EnoughOfStrangers) || !(isKnown || MayTell(seen.TimeTicks)))
        {
            return null;
        }

        battered.ToldTicks = seen.TimeTicks;
        return BatteredAccount.Words(
            seen.Account,
            isDay ? tally.InDay : tally.InWindow,
            TimeSpan.FromTicks(seen.TimeTicks - (isDay ? tally.DayTicks : tally.WindowTicks)),
            tally.Elsewhere,
            tally.Elsewhere > 0 ? tally.To : null);
    }

    /// <summary>Whether its password is being guessed: so it was told within the day.</summary>
    public bool IsBattered(ulong account, long nowTicks) => _accounts.Find(account) is { ToldTicks: not 0 } battered && Math.Abs(nowTicks - battered.ToldTicks) < Day.Ticks;

    public void Clear() => _accounts.Clear();

    private bool MayTell(long nowTicks)
    {
        if (Math.Abs(nowTicks - _toldSinceTicks) >= Day.Ticks)
        {
            (_toldSinceTicks, _told) = (nowTicks, 0);
        }

        return ++_told <= LongMemory.MostGuessedTold;
    }

    private sealed class Battered(ulong key) : Remembered<ulong>(key)
    {
        // Messages, two logs and the manager interface.
        private const int MostSources = 4;

        private Tally[] _tallies = new Tally[1];

        public long ToldTicks { get; set; }

        public ref Tally Of(ushort log)
        {
            for (var i = 0; i < _tallies.Length; i++)
            {
                if (_tallies[i].IsOf(log))
                {
                    _tallies[i].Log = log;
                    return ref _tallies[i];
                }
            }

            if (_tallies.Length < MostSources)
            {
                Array.Resize(ref _tallies, _tallies.Length + 1);
            }

            _tallies[^1] = new Tally { Log = log };
            return ref _tallies[^1];
        }
    }

    private struct Tally
    {
        public ushort Log;
        public int InWindow;
        public int InDay;
        public int InDayStrange;
        public int Elsewhere;
        public long WindowTicks;
        public long DayTicks;
        public Address To;

        public readonly bool IsOf(ushort log) => InDay == 0 || Log == log;

        public void Add(in PbxEvent seen, bool isStrange, TimeSpan window, TimeSpan day)
        {
            if (Math.Abs(seen.TimeTicks - DayTicks) > day.Ticks)
            {
                (DayTicks, InDay, InDayStrange) = (seen.TimeTicks, 0, 0);
            }

            if (Math.Abs(seen.TimeTicks - WindowTicks) > window.Ticks)
            {
                (WindowTicks, InWindow, Elsewhere) = (seen.TimeTicks, 0, 0);
            }

            InDay++;
            InDayStrange += isStrange ? 1 : 0;
            InWindow++;
            if (seen.AnsweredTo is { } to)
            {
                (Elsewhere, To) = (Elsewhere + 1, to);
            }
        }
    }
}
