using System.Text;
using Ringfence.Core.Events;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Lists;

/// <summary>Reads blocklists in the forms that are met: an entry to a line, with comments behind ; # or //, or more fields behind a blank or a comma; JSON lines
/// (Spamhaus: {"cidr": ...}); one JSON document (APIBAN: {"ipaddress": [...], "ID": ...}).</summary>
/// <remarks>Whatever bytes come: never an exception. What looks like something else than a list is refused as a whole, for a wrong page that has addresses in it names innocents.</remarks>
internal static class ListReader
{
    /// <summary>So many unread entries are kept to be shown.</summary>
    public const int ShownUnread = 5;

    /// <param name="isWhole">Nothing is missing at the end. Else a last line without an end counts as unread: 192.0.2.12 may have been 192.0.2.123.</param>
    public static ListReading Read(ReadOnlySpan<byte> text, bool isWhole = true)
    {
        if (text.StartsWith(Encoding.UTF8.Preamble))
        {
            text = text[3..];
        }

        if (NoText(text) is { } why)
        {
            return ListReading.Refused(why);
        }

        var content = text.TrimStart(" \t\r\n"u8);
        var reading = content.IsEmpty || content[0] is not ((byte)'{' or (byte)'[')
            ? ReadLines(text, isWhole)
            : JsonList.Read(content, isWhole);
        return reading switch
        {
            { Refusal: not null } => reading,

            // A page that says what is wrong in plain words has addresses in it too, and comments are no entries.
            { Unread: var unread, Entries.Count: var read } when unread > read => reading with { Entries = [], Refusal = Mostly(reading) },
            _ => reading,
        };
    }

    private static string Mostly(ListReading reading) => reading.FirstUnread is [var first, ..]
        ? $"it is no list of addresses: {reading.Unread} of {reading.Unread + reading.Entries.Count} entries can't be read, the first of them in line {first.Line}: \"{first.Text}\""
        : "it is no list of addresses";

    private static string? NoText(ReadOnlySpan<byte> text)
    {
        var head = text[..Math.Min(text.Length, 4096)];
        if (head.StartsWith<byte>([0x1f, 0x8b]) || head.StartsWith("PK\u0003\u0004"u8) || head.StartsWith("BZh"u8) || head.StartsWith<byte>([0xfd, (byte)'7', (byte)'z']))
        {
            return "it is compressed: expected text";
        }

        if (head.StartsWith<byte>([0xff, 0xfe]) || head.StartsWith<byte>([0xfe, 0xff]))
        {
            return "it is UTF-16: expected ASCII or UTF-8";
        }

        if (text.Contains((byte)0))
        {
            return "it has zero bytes in it: expected text";
        }

        var content = head.TrimStart(" \t\r\n"u8);
        return !content.IsEmpty && (content[0] == '<' || Has(head, "<html"u8) || Has(head, "<body"u8) || Has(head, "<!doctype"u8))
            ? "it is a web page (HTML), not a list" : null;
    }

    private static bool Has(ReadOnlySpan<byte> text, ReadOnlySpan<byte> lowerCase)
    {
        for (var at = text.IndexOf((byte)'<'); at >= 0 && at + lowerCase.Length <= text.Length;)
        {
            if (Ascii.EqualsIgnoreCase(text.Slice(at, lowerCase.Length), lowerCase))
            {
                return true;
            }

            var next = text[(at + 1)..].IndexOf((byte)'<');
            at = next < 0 ? -1 : at + 1 + next;
        }

        return false;
    }

    private static ListReading ReadLines(ReadOnlySpan<byte> text, bool isWhole)
    {
        // Most lines of the long lists are addresses of some 14 characters.
        var entries = new List<Network>(text.Length / 14);
        var unread = new UnreadEntries();
        for (var line = 1; !text.IsEmpty; line++)
        {
            var end = text.IndexOfAny((byte)'\n', (byte)'\r');
            var one = end < 0 ? text : text[..end];
            var isCut = end < 0 && !isWhole;
            text = end < 0 ? [] : text[(end + (text[end] == '\r' && end + 1 < text.Length && text[end + 1] == '\n' ? 2 : 1))..];
            var entry = EntryOf(one);
            if (entry.IsEmpty)
            {
                continue;
            }

            if (isCut)
            {
                unread.Add(line, entry, "the list ends in the middle of it");
            }
            else if (EntryText.Read(entry, entries) is { } why)
            {
                unread.Add(line, entry, why);
            }
        }

        return new ListReading { Entries = entries, Unread = unread.Count, FirstUnread = unread.First };
    }

    /// <summary>The entry of a line without what may stand behind it; empty: a comment, or nothing.</summary>
    private static ReadOnlySpan<byte> EntryOf(ReadOnlySpan<byte> line)
    {
        line = line.Trim(" \t\f\v"u8);
        if (line.IsEmpty || line[0] is (byte)';' or (byte)'#' || line.StartsWith("//"u8))
        {
            return [];
        }

        var end = line.IndexOfAny(";#, \t"u8);
        if (end < 0)
        {
            return line;
        }

        // "192.0.2.1 - 192.0.2.9" is one entry.
        var behind = line[end..].TrimStart(" \t"u8);
        if (behind.StartsWith("-"u8) && line[end] is (byte)' ' or (byte)'\t')
        {
            var second = behind[1..].TrimStart(" \t"u8);
            var secondEnd = second.IndexOfAny(";#, \t"u8);
            return secondEnd < 0 ? line : line[..(line.Length - second.Length + secondEnd)];
        }

        return line[..end];
    }
}

/// <summary>Counts what could not be read, and keeps the first few.</summary>
internal sealed class UnreadEntries
{
    private readonly List<UnreadEntry> _first = [];

    public int Count { get; private set; }

    public IReadOnlyList<UnreadEntry> First => _first;

    public void Add(int line, ReadOnlySpan<byte> text, string why)
    {
        Count++;
        if (_first.Count < ListReader.ShownUnread)
        {
            // Each byte as the character of that number (Latin-1): whatever it was meant as, it can be shown.
            _first.Add(new UnreadEntry(line, Shown.Text(Encoding.Latin1.GetString(text[..Math.Min(text.Length, 60)])), why));
        }
    }
}
