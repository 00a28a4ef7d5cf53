using System.Text.Json;
using Ringfence.Core.Events;

namespace Ringfence.Core.Lists;

/// <summary>Blocklists in JSON: a document, or a document to each line.</summary>
/// <remarks>An entry is a string under one of the names below, alone or in an array, or in an array that is the whole document. All other values are details of an entry.</remarks>
internal static class JsonList
{
    private static readonly string[] Names =
        ["cidr", "ip", "ips", "ipaddress", "ip_address", "ipAddress", "address", "addresses", "network", "networks", "prefix", "prefixes", "range", "ip_prefix", "ipv6_prefix"];

    /// <param name="text">Begins with { or [.</param>
    public static ListReading Read(ReadOnlySpan<byte> text, bool isWhole)
    {
        var first = text.IndexOfAny((byte)'\n', (byte)'\r');
        return first > 0 && IsWholeValue(text[..first]) ? ReadLines(text, isWhole) : ReadDocument(text);
    }

    private static ListReading ReadLines(ReadOnlySpan<byte> text, bool isWhole)
    {
        var entries = new List<Network>();
        var unread = new UnreadEntries();
        for (var line = 1; !text.IsEmpty; line++)
        {
            var end = text.IndexOf((byte)'\n');
            var one = (end < 0 ? text : text[..end]).Trim(" \t\r"u8);
            var isCut = end < 0 && !isWhole;
            text = end < 0 ? [] : text[(end + 1)..];
            if (one.IsEmpty)
            {
                continue;
            }

            // A line that can't be read to its end counts for nothing, also what stands before the fault.
            var mark = entries.Count;
            var faults = new UnreadEntries();
            if (isCut || Walk(one, entries, faults, out _) is not null)
            {
                entries.RemoveRange(mark, entries.Count - mark);
                unread.Add(line, one, isCut ? "the list ends in the middle of it" : "no JSON");
            }
            else if (faults.First is [var fault, ..])
            {
                unread.Add(line, one, fault.Why);
            }
        }

        return new ListReading { Entries = entries, Unread = unread.Count, FirstUnread = unread.First };
    }

    private static ListReading ReadDocument(ReadOnlySpan<byte> text)
    {
        var entries = new List<Network>();
        var unread = new UnreadEntries();
        if (Walk(text, entries, unread, out var id) is { } fault)
        {
            return ListReading.Refused($"it is no whole JSON document: {fault}");
        }

        // APIBAN has words in place of addresses when there is nothing new: {"ipaddress": ["no new bans"], "ID": "none"}.
        return id == "none" && entries.Count == 0
            ? new ListReading { Entries = [], NextId = id }
            : new ListReading { Entries = entries, Unread = unread.Count, FirstUnread = unread.First, NextId = id };
    }

    private static bool IsWholeValue(ReadOnlySpan<byte> line) => Walk(line, [], new UnreadEntries(), out _) is null;

    /// <returns>null, or what is wrong with the JSON.</returns>
    private static string? Walk(ReadOnlySpan<byte> json, List<Network> into, UnreadEntries unread, out string? id)
    {
        id = null;
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 16, CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        var isEntry = false;
        var isId = false;
        var value = 0;
        try
        {
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.PropertyName:
                        isId = reader.CurrentDepth == 1 && reader.ValueTextEquals("ID"u8);
                        isEntry = IsEntryName(ref reader);
                        break;

                    case JsonTokenType.StartArray when reader.CurrentDepth == 0:
                        isEntry = true;
                        break;

                    case JsonTokenType.StartObject:
                        isEntry = false;
                        break;

                    case JsonTokenType.String when isId:
                        id = reader.GetString();
                        isId = false;
                        break;

                    case JsonTokenType.String when isEntry:
                        value++;
                        Take(ref reader, value, into, unread);
                        break;
                }
            }

            return null;
        }
        catch (JsonException fault)
        {
            return $"line {fault.LineNumber + 1}, byte {fault.BytePositionInLine + 1} can't be read";
        }
        catch (InvalidOperationException)
        {
            // What GetString says of half a surrogate pair.
            return "a text in it is no Unicode";
        }
    }

    private static void Take(ref Utf8JsonReader reader, int value, List<Network> into, UnreadEntries unread)
    {
        // Escapes are no part of an address, and what is so long is none.
        var text = reader.ValueSpan;
        if ((reader.ValueIsEscaped || text.Length > 100 ? EntryText.NoAddress : EntryText.Read(text, into)) is { } why)
        {
            unread.Add(value, text, why);
        }
    }

    private static bool IsEntryName(ref Utf8JsonReader reader)
    {
        foreach (var name in Names)
        {
            if (reader.ValueTextEquals(name))
            {
                return true;
            }
        }

        return false;
    }
}
