using System.Globalization;
using System.Text;
using Ringfence.Core.Events;

namespace Ringfence.Core.Knock;

/// <summary>For whom a door is open.</summary>
/// <param name="Zone">Empty: the configured one.</param>
internal sealed record RoamingAddress(Address Address, DateTimeOffset Until, string User, string Zone);

/// <summary>Who roams, and until when: a small file beside the journal holds it, so that a restart or a reboot shuts nobody out.</summary>
/// <remarks>A line for each: address, seconds since 1970 (UTC) of the end, user, zone, separated by tabs; and one for each user: "after", milliseconds of his latest knock, user.</remarks>
internal sealed class RoamingBook
{
    /// <summary>In place of a user: somebody who knows the ports.</summary>
    public const string ByPorts = "*";

    /// <summary>So many at once; beyond it whoever ends first makes room. A user has a key, and may still have been robbed of it.</summary>
    public const int Most = 4096;

    /// <summary>Of one user: a phone that changes networks has one after the other.</summary>
    public const int MostOfUser = 16;

    private readonly List<RoamingAddress> _all = [];
    private readonly Dictionary<string, DateTimeOffset> _after = new(StringComparer.Ordinal);

    public IReadOnlyList<RoamingAddress> All => _all;

    /// <summary>Of users that there are no more: their doors are to be shut.</summary>
    public IReadOnlyList<Address> Gone { get; private set; } = [];

    /// <summary>When a user's latest knock was sent, by his clock.</summary>
    public DateTimeOffset After(string user) => _after.GetValueOrDefault(user, DateTimeOffset.MinValue);

    /// <summary>A knock was let in.</summary>
    public void See(string user, DateTimeOffset sent) => _after[user] = sent > After(user) ? sent : After(user);

    /// <summary>Opens for an address, or for longer.</summary>
    /// <returns>Whose doors close for it, because there are too many.</returns>
    public IReadOnlyList<RoamingAddress> Open(RoamingAddress entry, DateTimeOffset now)
    {
        _all.RemoveAll(old => old.Until <= now || old.Address == entry.Address);
        List<RoamingAddress> closed = [];
        while (_all.Count(old => old.User == entry.User) >= MostOfUser)
        {
            Close(_all.Where(old => old.User == entry.User));
        }

        while (_all.Count >= Most)
        {
            Close(_all);
        }

        _all.Add(entry);
        return closed;

        void Close(IEnumerable<RoamingAddress> some)
        {
            var first = some.MinBy(static old => old.Until)!;
            _all.Remove(first);
            closed.Add(first);
        }
    }

    /// <summary>Takes in whom the kernel let in by ports, so that he is known and keeps his door when the rules are made anew.</summary>
    /// <returns>Whether anything is new.</returns>
    public bool Adopt(IEnumerable<(Address Address, TimeSpan Left)> open, DateTimeOffset now)
    {
        var isNew = false;
        foreach (var (address, left) in open)
        {
            // One who knocked by ports anew has longer; what a user opened ends as he opened it.
            var before = _all.Find(old => old.Address == address);
            if (before is null ? _all.Count < Most : before.User == ByPorts && now + left > before.Until + TimeSpan.FromSeconds(2))
            {
                _all.RemoveAll(old => old == before);
                _all.Add(new RoamingAddress(address, now + left, ByPorts, ""));
                isNew = true;
            }
        }

        return isNew;
    }

    /// <summary>Forgets for whom a door was open.</summary>
    /// <param name="who">A user, or an address.</param>
    public IReadOnlyList<RoamingAddress> Close(string who, DateTimeOffset now)
    {
        var address = Address.Parse(who);
        List<RoamingAddress> closed = [.. _all.Where(entry => entry.Until > now && (entry.User == who || entry.Address == address))];
        _all.RemoveAll(closed.Contains);
        return closed;
    }

    /// <summary>What a file says, of users that there are still; a line that is not understood is passed over.</summary>
    public static RoamingBook Parse(string text, Func<string, bool> isUser, DateTimeOffset now)
    {
        var book = new RoamingBook();
        var gone = new List<Address>();
        foreach (var line in text.Split('\n'))
        {
            if (line.Split('\t') is ["after", var sent, var who] && isUser(who)
                && long.TryParse(sent, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
            {
                book.See(who, DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));
            }
            else if (line.Split('\t') is [var address, var until, var user, var zone] && Address.Parse(address) is { } parsed
                && long.TryParse(until, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
                && DateTimeOffset.FromUnixTimeSeconds(seconds) is var end && end > now)
            {
                if (!isUser(user))
                {
                    gone.Add(parsed);
                }
                else if (user == ByPorts)
                {
                    book.Adopt([(parsed, end - now)], now);
                }
                else
                {
                    book.Open(new RoamingAddress(parsed, end, user, zone), now);
                }
            }
        }

        book.Gone = [.. gone.Except(book._all.Select(static entry => entry.Address))];
        return book;
    }

    public string Text()
    {
        var text = new StringBuilder();
        foreach (var entry in _all)
        {
            text.Append(CultureInfo.InvariantCulture, $"{entry.Address}\t{entry.Until.ToUnixTimeSeconds()}\t{entry.User}\t{entry.Zone}\n");
        }

        foreach (var (user, sent) in _after)
        {
            text.Append(CultureInfo.InvariantCulture, $"after\t{Math.Max(0, sent.ToUnixTimeMilliseconds())}\t{user}\n");
        }

        return text.ToString();
    }
}
