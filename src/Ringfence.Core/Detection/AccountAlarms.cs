using System.Collections.Frozen;
using System.Text;
using Ringfence.Core.Configuration;
using Ringfence.Core.Detection.Rules;
using Ringfence.Core.Events;

namespace Ringfence.Core.Detection;

/// <summary>What is told of an account whoever did it: its password is being guessed, was found, or somebody else logs in with it.</summary>
/// <remarks>It bans nobody by itself: an account's trouble does not prove who made it.</remarks>
internal sealed class AccountAlarms
{
    /// <summary>So begins what <see cref="LogInLate"/> tells, and nothing else that is told by its rule: the journal finds it by that.</summary>
    public const string LateWords = "the right password of account ";

    private readonly BatteredAccounts? _battered;
    private readonly DistinctTimes _found = new(256);
    private FrozenSet<uint> _configured = [];

    public AccountAlarms(DetectionSettings settings)
    {
        bool IsOff(DetectionRule rule) => settings.DisabledRules.Contains(rule.Id, StringComparer.OrdinalIgnoreCase);
        Known = settings.Stolen == StolenPolicy.Off || IsOff(StolenCredentials.Rule) ? null : new KnownAccounts(settings);
        _battered = IsOff(BatteredAccount.Rule) ? null : new BatteredAccounts(settings);
    }

    /// <summary>What is known of each account's logins; null: nothing is to be.</summary>
    public KnownAccounts? Known { get; }

    /// <summary>The accounts of the PBX's files: those are told of always, and of names that anybody can invent some a day. From any thread.</summary>
    public void Configure(IEnumerable<string> names) =>
        Volatile.Write(ref _configured, names.Select(static name => Detector.Hash(Encoding.UTF8.GetBytes(name))).ToFrozenSet());

    /// <summary>Takes an event for what is known of its account, whoever sent it: also of who is banned, spared or judged.</summary>
    /// <param name="hasPhones">Somebody logged in from its source.</param>
    /// <returns>null: nothing is to be told.</returns>
    public AccountAlarm? See(in PbxEvent seen, ushort log, bool hasPhones) =>
        _battered is null || seen.Service != Service.Pjsip || seen.Proof == Proof.Forgeable || seen.Account.IsEmpty ? null
        : seen.Kind switch
        {
            EventKind.PasswordRefused => Refuse(seen, log, hasPhones, _battered),
            EventKind.NonceStale => Find(seen, _battered),
            _ => null,
        };

    /// <returns>That whoever was banned had the right password among his last guesses, once for each account; null: it was told, or the rule is off.</returns>
    public AccountAlarm? LogInLate(in PbxEvent seen) =>
        Known is null || !IsFirst(Detector.Hash(seen.Account) ^ ((ulong)Detector.Hash(seen.Source.ToBytes()) << 32), seen, TimeSpan.FromHours(1)) ? null
        : new AccountAlarm(
            StolenCredentials.Rule.Id,
            $"{LateWords}{NameOf(seen)} was among the guesses of {seen.Source}, which came faster than any ban. "
                + "Change it, and end his registration, which outlives a restart of Asterisk: asterisk -rx \"database show registrar/contact\", then asterisk -rx \"database del registrar/contact KEY\"");

    public void Clear() => _battered?.Clear();

    private AccountAlarm? Refuse(in PbxEvent seen, ushort log, bool hasPhones, BatteredAccounts battered)
    {
        var account = Detector.Hash(seen.Account);
        var isKnown = Known?.IsKnown(seen.Account) == true || Volatile.Read(ref _configured).Contains(account);
        return battered.Add(seen, account, log, isKnown, isStrange: !hasPhones && Known?.IsFrom(seen) != true) is { } words ? new AccountAlarm(BatteredAccount.Rule.Id, words) : null;
    }

    // A phone that answers an hour-old challenge hears the same: not while its account's passwords are gone through, and not from elsewhere. Nor with its
    // own User-Agent from another network, for phones move; a guesser there can log in, and is told of when he does.
    private AccountAlarm? Find(in PbxEvent seen, BatteredAccounts battered)
    {
        var account = Detector.Hash(seen.Account);
        if ((seen.AnsweredTo is null && Known?.IsStrange(seen) != true) || Known is null || !battered.IsBattered(account, seen.TimeTicks) || !IsFirst(account, seen, TimeSpan.FromDays(1)))
        {
            return null;
        }

        var where = seen.AnsweredTo is { } to ? $"; the PBX sent its answer to {to}" : string.Empty;
        return new AccountAlarm(
            StolenCredentials.Rule.Id,
            $"account {NameOf(seen)}: its password was found: after many wrong ones the PBX said of one, from {seen.Source}, that only its nonce is too old, which it says of the right one alone{where}. Change it now");
    }

    private bool IsFirst(ulong key, in PbxEvent seen, TimeSpan within)
    {
        if (_found.Holds(key, seen.TimeTicks, within, Proof.Unproven))
        {
            return false;
        }

        _found.Add(key, seen.TimeTicks, Proof.Unproven);
        return true;
    }

    private static string NameOf(in PbxEvent seen) => SafeText.From(seen.Account[..Math.Min(seen.Account.Length, 64)]);
}

/// <param name="Rule">Its id.</param>
/// <param name="Words">One sentence for people.</param>
internal sealed record AccountAlarm(string Rule, string Words);
