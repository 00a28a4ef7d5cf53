using Ringfence.Core.Events;
using Ringfence.Core.Firewall;
using Xunit;

namespace Ringfence.Tests.Firewall;

public sealed class CommitReaderTests
{
    private const uint Stranger = 4711;
    private const uint Own = 99;

    [Fact]
    public void A_commit_is_told_whole_when_its_generation_comes()
    {
        var reader = NewReader();

        Assert.Empty(reader.Read(Notification.Element(Stranger, "banned4", "198.51.100.7")));
        Assert.Empty(reader.Read(Notification.Element(Stranger, "banned6", "2001:db8::")));
        var commit = Assert.Single(reader.Read(Notification.Generation(Stranger, 12, "nft", 4711)));

        Assert.Equal((12u, Stranger, "nft (pid 4711)"), (commit.Generation, commit.Port, commit.Process));
        Assert.Equal([Subject("198.51.100.7"), Subject("2001:db8::")], commit.Hosts);
        Assert.False(commit.Structure || commit.AllElements || commit.Networks);
    }

    [Fact]
    public void What_one_commit_did_is_not_said_of_the_next()
    {
        var reader = NewReader();

        var commits = reader.Read(
        [
            .. Notification.Of(Stranger, NftProtocol.DeleteTable), .. Notification.Generation(Stranger, 1, "nft", 1),
            .. Notification.Generation(Stranger, 2, "nft", 2),
        ]);

        Assert.Equal([true, false], commits.Select(commit => commit.ConcernsUs));
    }

    [Theory]
    [InlineData(NftProtocol.DeleteTable, true)]
    [InlineData(NftProtocol.NewTable, false)]
    [InlineData(NftProtocol.NewChain, false)]
    [InlineData(NftProtocol.DeleteChain, false)]
    [InlineData(NftProtocol.NewRule, false)]
    [InlineData(NftProtocol.DeleteRule, false)]
    [InlineData(NftProtocol.DeleteObject, false)]
    public void A_change_of_the_table_concerns_us_and_its_end_takes_all_elements(ushort type, bool allElements)
    {
        var reader = NewReader();

        var commit = Assert.Single(reader.Read([.. Notification.Of(Stranger, type), .. Notification.Generation(Stranger, 1, "nft", 1)]));

        Assert.True(commit.Structure);
        Assert.Equal(allElements, commit.AllElements);
    }

    [Fact]
    public void A_set_of_ours_that_goes_takes_its_elements_and_one_of_somebody_elses_does_not()
    {
        var reader = NewReader();

        var ours = Assert.Single(reader.Read([.. Notification.Set(Stranger, "banned4"), .. Notification.Generation(Stranger, 1, "nft", 1)]));
        var other = Assert.Single(reader.Read([.. Notification.Set(Stranger, "__set0"), .. Notification.Generation(Stranger, 2, "nft", 1)]));

        Assert.True(ours.AllElements);
        Assert.False(other.ConcernsUs);
    }

    [Fact]
    public void Our_own_commits_and_other_tables_concern_nobody()
    {
        var reader = NewReader();

        var own = Assert.Single(reader.Read([.. Notification.Of(Own, NftProtocol.DeleteTable), .. Notification.Generation(Own, 1, "ringfence", 1)]));
        var other = Assert.Single(reader.Read(
            [.. Notification.Of(Stranger, NftProtocol.DeleteTable, table: "ringfence2"), .. Notification.Generation(Stranger, 2, "nft", 1)]));

        Assert.False(own.ConcernsUs);
        Assert.False(other.ConcernsUs);
    }

    [Fact]
    public void A_process_can_not_write_into_the_log_by_its_name()
    {
        var reader = NewReader();

        var commit = Assert.Single(reader.Read(Notification.Generation(Stranger, 1, "a\n\u001b[2Jb\u00e9", 7)));

        Assert.Equal("a??[2Jb?? (pid 7)", commit.Process);
    }

    [Fact]
    public void More_hosts_than_can_be_named_are_all()
    {
        var reader = NewReader();
        for (uint i = 0; i <= 100_000; i++)
        {
            reader.Read(Notification.Element(Stranger, "banned4", Address.FromIPv4(i)));
        }

        var commit = Assert.Single(reader.Read(Notification.Generation(Stranger, 1, "nft", 1)));

        Assert.True(commit.AllElements);
        Assert.Empty(commit.Hosts);
    }

    [Fact]
    public void A_million_hostile_bytes_end_without_an_exception_seeded()
    {
        var random = new Random(20261121);
        byte[][] valid =
        [
            Notification.Element(Stranger, "banned4", "198.51.100.7"), Notification.Element(Stranger, "banned_nets6", "2001:db8::"),
            Notification.Of(Stranger, NftProtocol.DeleteTable), Notification.Generation(Stranger, 1, "nft", 1),
        ];
        var reader = NewReader();
        var shape = new TableShape();
        var read = 0;
        while (read < 1_000_000)
        {
            byte[] bytes;
            if (random.Next(2) == 0)
            {
                bytes = new byte[random.Next(200)];
                random.NextBytes(bytes);
            }
            else
            {
                bytes = [.. valid[random.Next(valid.Length)], .. valid[random.Next(valid.Length)]];
                for (var i = random.Next(1, 6); i > 0; i--)
                {
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                }

                bytes = bytes[..random.Next(bytes.Length + 1)];
            }

            reader.Read(bytes);
            foreach (var message in new NetlinkMessages(bytes))
            {
                shape.See(message);
                _ = KernelRequests.PacketsIn(message);
                _ = KernelRequests.GenerationIn(message);
                _ = message.Errno;
            }

            read += bytes.Length;
        }

        Assert.NotNull(shape.Fingerprint);
    }

    [Fact]
    public void Twice_the_bytes_take_about_twice_the_time()
    {
        // Messages and attributes as short as they can be: the most walks per byte. Sixteen times the input, and far below sixteen times squared.
        var message = new byte[20];
        message[0] = 20;
        message[4] = NftProtocol.NewElement & 0xff;
        message[5] = NftProtocol.NewElement >> 8;
        byte[] small = [.. Enumerable.Repeat(message, 20_000).SelectMany(bytes => bytes)];
        byte[] large = [.. Enumerable.Repeat(small, 16).SelectMany(bytes => bytes)];
        var reader = NewReader();
        reader.Read(large);

        var times = Enumerable.Range(0, 5).Select(_ => (Small: Time(reader, small), Large: Time(reader, large))).ToList();

        Assert.True(times.Min(time => time.Large) < times.Min(time => time.Small) * 100);
    }

    private static TimeSpan Time(CommitReader reader, byte[] bytes) => ProcessorTime.Of(() => reader.Read(bytes));

    private static CommitReader NewReader() => new(port => port == Own);

    private static Network Subject(string address) => Address.Parse(address)!.Value.Subject;
}
