using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ringfence.Core.Events;
using Ringfence.Core.Lists;
using Ringfence.Core.Pbx;

namespace Ringfence.Feeds;

[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(ListFacts))]
internal sealed partial class ListFactsJson : JsonSerializerContext;

/// <summary>The last good state of one list on disk: entries, sorted, a line each with the second since when they are on it; and its facts beside it.</summary>
/// <remarks>Each file is replaced as a whole. The facts come second: killed in between, the next request has the validators of the list before, and gets this one again.</remarks>
internal sealed class KeptList(string directory, string name)
{
    private const int LongestFacts = 64 << 10;

    private readonly string _list = Path.Combine(directory, $"{name}.list");
    private readonly StateFile _facts = new(Path.Combine(directory, $"{name}.json"), LongestFacts);

    /// <returns>null: there are none, or they can't be understood.</returns>
    /// <exception cref="IOException">They can't be read.</exception>
    public ListFacts? Facts()
    {
        try
        {
            return File.Exists(_list) && _facts.Read() is { } text ? JsonSerializer.Deserialize(text, ListFactsJson.Default.ListFacts) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The entries, one after the other.</summary>
    /// <exception cref="IOException">It can't be read, or its end is missing.</exception>
    public IEnumerable<KeptEntry> Entries()
    {
        if (!File.Exists(_list))
        {
            yield break;
        }

        using var file = Open();
        var buffer = new byte[64 << 10];
        var batch = new List<KeptEntry>();
        for (var (length, isWhole) = (0, false); !isWhole;)
        {
            var read = file.Read(buffer, length, buffer.Length - length);
            if (read == 0)
            {
                throw new IOException($"{_list}: its end is missing: delete the file, and the list is fetched again");
            }

            length += read;
            (var taken, isWhole) = Take(buffer.AsSpan(0, length), batch);
            buffer.AsSpan(taken, length - taken).CopyTo(buffer);
            length -= taken;
            foreach (var entry in batch)
            {
                yield return entry;
            }

            batch.Clear();
        }
    }

    // Whole lines: how many bytes they are, and whether the last line of the file was among them.
    private (int Taken, bool IsWhole) Take(ReadOnlySpan<byte> text, List<KeptEntry> into)
    {
        var taken = 0;
        var network = new List<Network>(1);
        while (text[taken..].IndexOf((byte)'\n') is >= 0 and var end)
        {
            var line = text.Slice(taken, end);
            taken += end + 1;
            if (line.SequenceEqual("end"u8))
            {
                return (taken, true);
            }

            var blank = line.IndexOf((byte)' ');
            network.Clear();
            if (blank < 0 || EntryText.Read(line[..blank], network) is not null || network.Count != 1
                || !Utf8Parser.TryParse(line[(blank + 1)..], out long since, out var digits) || digits != line.Length - blank - 1 || since is < 0 or > 253_402_300_799)
            {
                throw Damaged(line);
            }

            into.Add(new KeptEntry(network[0], DateTimeOffset.FromUnixTimeSeconds(since)));
        }

        // The longest line that is written has some 65 bytes.
        return text.Length - taken < 200 ? (taken, false) : throw Damaged(text[taken..]);
    }

    private IOException Damaged(ReadOnlySpan<byte> line) =>
        new($"{_list}: \"{Shown.Text(Encoding.Latin1.GetString(line[..Math.Min(line.Length, 60)]))}\" is no entry: delete the file, and the list is fetched again");

    /// <param name="entries">Sorted, none twice.</param>
    /// <exception cref="IOException">It can't be written: what was kept stays.</exception>
    public int Write(IEnumerable<KeptEntry> entries, ListFacts facts)
    {
        var count = 0;
        Directory.CreateDirectory(directory);
        AtomicFile.Write(_list, file =>
        {
            using var buffered = new BufferedStream(new Unclosed(file), 64 << 10);
            Span<byte> line = stackalloc byte[80];
            foreach (var entry in entries)
            {
                var length = Encoding.ASCII.GetBytes(entry.Network.ToString(), line);
                line[length++] = (byte)' ';
                Utf8Formatter.TryFormat(entry.Since.ToUnixTimeSeconds(), line[length..], out var digits);
                line[length + digits] = (byte)'\n';
                buffered.Write(line[..(length + digits + 1)]);
                count++;
            }

            buffered.Write("end\n"u8);
        });
        WriteFacts(facts with { Entries = count });
        return count;
    }

    public void WriteFacts(ListFacts facts)
    {
        Directory.CreateDirectory(directory);
        _facts.Write(JsonSerializer.Serialize(facts, ListFactsJson.Default.ListFacts));
    }

    private FileStream Open()
    {
        try
        {
            return new FileStream(_list, new FileStreamOptions { Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0, Options = FileOptions.SequentialScan });
        }
        catch (UnauthorizedAccessException problem)
        {
            throw new IOException(problem.Message, problem);
        }
    }

    // Whoever opened the file closes it.
    private sealed class Unclosed(Stream file) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => file.Length;

        public override long Position { get => file.Position; set => throw new NotSupportedException(); }

        public override void Flush() => file.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => file.Write(buffer, offset, count);

        public override void Write(ReadOnlySpan<byte> buffer) => file.Write(buffer);
    }
}
