using System.Formats.Tar;
using System.IO.Compression;
using Ringfence.Core.Pbx;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.Tests.Sources;

public sealed class TarFilesTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-tar-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_name_that_goes_on_for_ever_is_refused_before_it_is_in_memory()
    {
        var archive = Path.Combine(_directory, "names.tar.gz");
        var header = new byte[512];
        "././@LongLink"u8.CopyTo(header);
        "0000644\0"u8.CopyTo(header.AsSpan(100));
        "10000000000\0"u8.CopyTo(header.AsSpan(124));
        header[156] = (byte)'L';
        "ustar  \0"u8.CopyTo(header.AsSpan(257));
        "        "u8.CopyTo(header.AsSpan(148));
        System.Text.Encoding.ASCII.GetBytes($"{Convert.ToString(header.Sum(static value => value), 8).PadLeft(6, '0')}\0 ").CopyTo(header, 148);
        using (var packed = new GZipStream(File.Create(archive), CompressionLevel.Fastest))
        {
            packed.Write(header);
            for (var i = 0; i < 64; i++)
            {
                packed.Write(new byte[1 << 20]);
            }
        }

        var time = ProcessorTime.Of(() => Assert.Throws<WorldFailedException>(() => TarFiles.Read(archive)));

        Assert.True(time < TimeSpan.FromSeconds(5), $"{time}");
    }

    [Fact]
    public void Links_in_a_circle_and_a_directory_in_itself_end()
    {
        var archive = Path.Combine(_directory, "circle.tar");
        using (var tar = new TarWriter(File.Create(archive)))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "a") { LinkName = "b/c" });
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "b") { LinkName = "a" });
            for (var i = 0; i < 20; i++)
            {
                tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, $"d/self{i}") { LinkName = "." });
            }

            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "d/x.conf") { DataStream = new MemoryStream("x"u8.ToArray()) });
        }

        IConfigFiles files = TarFiles.Read(archive);

        Assert.Null(files.Read("/a"));
        Assert.NotNull(files.Read("/d/self3/self4/x.conf"));
        Assert.InRange(files.Match("/d" + string.Concat(Enumerable.Repeat("/*", 12)) + "/x.conf").Count, 1, 20_000);
    }

    [Fact]
    public void A_pattern_is_looked_up_in_its_directory_and_not_in_all_files()
    {
        var archive = Path.Combine(_directory, "many.tar");
        using (var tar = new TarWriter(File.Create(archive), TarEntryFormat.Ustar))
        {
            for (var i = 0; i < 20_000; i++)
            {
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, $"d{i % 100}/{i}.conf"));
            }
        }

        var files = TarFiles.Read(archive);
        var time = ProcessorTime.Of(() =>
        {
            for (var i = 0; i < 2_000; i++)
            {
                Assert.Equal(200, files.Match($"/d{i % 100}/*.conf").Count);
            }
        });

        // 400,000 names looked at, and not 40 million.
        Assert.True(time < TimeSpan.FromSeconds(8), $"{time}");
    }

    [Fact]
    public void So_much_is_kept_of_an_archive_and_what_does_not_fit_is_told()
    {
        var archive = Write("large.tar.gz", Enumerable.Range(0, 20).Select(static i => ($"etc/asterisk/{i:00}.conf", new byte[16 << 20])).Append(("etc/asterisk/small.conf", "[general]\n"u8.ToArray())));

        IConfigFiles files = TarFiles.Read(archive);

        Assert.InRange(Enumerable.Range(0, 20).Sum(i => files.Read($"/etc/asterisk/{i:00}.conf")?.LongLength ?? 0), 100L << 20, TarFiles.MaxBytes);
        Assert.NotNull(files.Read("/etc/asterisk/small.conf"));
        Assert.Single(files.Problems, static problem => problem.Contains("what did not fit was left out", StringComparison.Ordinal));
    }

    [Fact]
    public void A_packed_archive_that_unpacks_to_a_thousand_times_its_size_is_read_up_to_a_bound_and_told()
    {
        var archive = Write("bomb.tar.gz", Enumerable.Range(0, 32).Select(static i => ($"etc/asterisk/{i}", new byte[17 << 20])).Prepend(("etc/asterisk/pjsip.conf", "[general]\n"u8.ToArray())));

        IConfigFiles files = TarFiles.Read(archive);

        Assert.NotNull(files.Read("/etc/asterisk/pjsip.conf"));
        Assert.Single(files.Problems, static problem => problem.Contains("times its size", StringComparison.Ordinal));
    }

    [Fact]
    public void A_name_longer_than_a_file_can_have_is_left_out_and_told()
    {
        var archive = Write("deep.tar", [(string.Concat(Enumerable.Repeat("a/", 200_000)) + "x", []), ("etc/asterisk/pjsip.conf", "[general]\n"u8.ToArray())]);

        IConfigFiles files = TarFiles.Read(archive);

        Assert.NotNull(files.Read("/etc/asterisk/pjsip.conf"));
        Assert.Single(files.Problems, static problem => problem.StartsWith("a name of more than 4,096 characters", StringComparison.Ordinal));
    }

    [Fact]
    public void Facts_that_are_too_large_or_unknown_are_left_out_and_told()
    {
        var archive = Write("facts.tar", [("etc/asterisk/pjsip.conf", "[general]\n"u8.ToArray()), ("ringfence-facts/nft", new byte[9 << 20]), ("ringfence-facts/something", new byte[9 << 20]), ("ringfence-facts/sockets", "x\n"u8.ToArray())]);

        var pbx = AuditedPbx.OfCopy(archive, null);

        Assert.Null(pbx.Fact(HostFact.Nft));
        Assert.Equal("x\n", pbx.Fact(HostFact.Sockets));
        Assert.StartsWith("ringfence-facts/nft is more than 8 MiB", Assert.Single(pbx.LeftOut), StringComparison.Ordinal);
    }

    private string Write(string name, IEnumerable<(string Name, byte[] Content)> files)
    {
        var path = Path.Combine(_directory, name);
        using var file = File.Create(path);
        using var packed = name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionLevel.Fastest) : (Stream)file;
        using var tar = new TarWriter(packed);
        foreach (var (inside, content) in files)
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, inside) { DataStream = new MemoryStream(content) });
        }

        return path;
    }
}
