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
}
