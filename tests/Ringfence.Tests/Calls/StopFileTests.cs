using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Api;
using Ringfence.Calls;
using Ringfence.Tests.Sources;
using Xunit;

namespace Ringfence.Tests.Calls;

/// <summary>The list of stops: what it keeps, and what it does not write over.</summary>
public sealed class StopFileTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("rf-stops-");
    private readonly ManualTime _time = new();

    private string FilePath => Path.Combine(_directory.FullName, "stops.json");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void What_is_over_makes_room_for_what_holds()
    {
        var book = Book();
        for (var number = 1; number <= 600; number++)
        {
            book.Put(Stop(number, minutes: number is > 100 and <= 200 ? -1 : 60));
        }

        Assert.Equal(500, book.All.Count);
        Assert.All(Enumerable.Range(1, 100), number => Assert.NotNull(book.Find(number)));
        Assert.Null(book.Find(150));
    }

    [Fact]
    public void Whatever_holds_is_kept_the_oldest_without_evidence()
    {
        var book = Book();
        for (var number = 1; number <= 2_100; number++)
        {
            book.Put(Stop(number, minutes: 60));
        }

        Assert.Equal(Enumerable.Range(101, 2_000), book.All.Select(static stop => stop.Number));
        Assert.Equal(Enumerable.Range(1_601, 500), book.All.Where(static stop => stop.Evidence.Count > 0).Select(static stop => stop.Number));
    }

    [Fact]
    public void A_damaged_file_that_can_t_be_moved_aside_ends_nothing_and_stays()
    {
        File.WriteAllText(FilePath, "[{");
        File.WriteAllText($"{FilePath}.damaged-{_time.Now.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}", "another of that second");

        var book = Book();
        book.Put(Stop(1, minutes: 60));
        book.Save();
        book.Write();

        Assert.Equal("[{", File.ReadAllText(FilePath));
        Assert.Contains("it is not written over", book.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[null]")]
    [InlineData("[{}]")]
    [InlineData("[{\"number\":1,\"from\":\"2026-11-20T07:00:00Z\",\"until\":\"2026-11-20T12:00:00Z\",\"state\":\"enforced\",\"rule\":\"RF3001\",\"limit\":\"spend-5m\",\"extension\":null,\"region\":\"SL\",\"trunk\":\"\",\"why\":\"spend\",\"evidence\":[]}]")]
    [InlineData("[{\"number\":1,\"from\":\"2026-11-20T07:00:00Z\",\"until\":\"2026-11-20T12:00:00Z\",\"state\":\"enforced\",\"rule\":\"RF3001\",\"limit\":\"spend-5m\",\"extension\":\"201\",\"region\":\"SL\",\"trunk\":\"\",\"why\":\"spend\",\"evidence\":[],\"limits\":[null]}]")]
    public void A_file_whose_stops_lack_what_makes_them_stops_is_damaged_and_kept(string text)
    {
        File.WriteAllText(FilePath, text);

        var book = Book();

        Assert.Empty(book.All);
        Assert.Contains("what was stopped before is not known, and calls leave; it is kept as", book.Problem, StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(Assert.Single(Directory.GetFiles(_directory.FullName, "*.damaged-*"))));
    }

    [Fact]
    public void A_disk_that_is_full_for_long_is_logged_once_and_again_when_it_was_not_meanwhile()
    {
        List<string> log = [];
        var book = new StopFile(Path.Combine(_directory.FullName, "away", "stops.json"), _time, new ListLogger<StopFile>(log));
        book.Put(Stop(1, minutes: 60));
        book.Save();

        Assert.Equal([false, false, false], [book.Write(), book.Write(), book.Write()]);
        Assert.Single(log);

        Directory.CreateDirectory(Path.Combine(_directory.FullName, "away"));
        Assert.True(book.Write());
        Assert.Null(book.Problem);
        Directory.Delete(Path.Combine(_directory.FullName, "away"), recursive: true);
        book.Put(Stop(2, minutes: 60));
        book.Save();
        Assert.False(book.Write());
        Assert.Equal(2, log.Count);
    }

    [Fact]
    public void A_file_that_can_t_be_read_is_not_written_over()
    {
        using (var file = File.Create(FilePath))
        {
            file.SetLength(17 << 20);
        }

        var book = Book();
        book.Put(Stop(1, minutes: 60));
        book.Save();
        book.Write();

        Assert.Equal(17 << 20, new FileInfo(FilePath).Length);
        Assert.Contains("it is not written over", book.Problem, StringComparison.Ordinal);
    }

    private StopFile Book() => new(FilePath, _time, NullLogger.Instance);

    private StopReport Stop(int number, int minutes) =>
        new(number, _time.Now.AddHours(-1), _time.Now.AddMinutes(minutes), StopFile.Enforced, "RF3001", "spend-5m", $"{number}", "SL", "", RiskyOnly: false, "spend: spend-5m", 12, 0, ["a call"]);
}
