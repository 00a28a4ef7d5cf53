using System.IO.Compression;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Core.Configuration;
using Ringfence.Feeds;
using Xunit;

namespace Ringfence.Tests.Feeds;

/// <summary>A real server with real faults: whatever it does, what was held stays, and status says so.</summary>
public sealed class FeedTests : IAsyncLifetime
{
    private readonly ListServer _server = new();
    private readonly ManualTime _time = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-feeds-").FullName;
    private readonly List<Feed> _made = [];
    private int _changes;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _made.ForEach(feed => feed.Dispose());
        await _server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task What_came_is_kept_on_disk_and_a_later_guard_has_it_before_it_asks_anybody()
    {
        _server.Says(ListServer.Ok("192.0.2.0/24 ; SBL1\n198.51.100.7\n198.51.100.7\nnonsense\n"));

        Assert.Null(await New().UpdateAsync(isForced: false, Stop));

        var later = New();
        Assert.Equal(["192.0.2.0/24", "198.51.100.7"], Held(later));
        var status = later.Status(_time.Now);
        Assert.Equal((2, 1, _time.Now, null), (status.Entries, status.Unread, status.Updated!.Value, status.Problem));
        Assert.Equal("1 of its entries could not be read: line 4: \"nonsense\": no address, network or range", status.Note);
        Assert.Equal(1, _changes);
        Assert.Single(_server.Asked);
    }

    [Fact]
    public async Task A_list_that_has_not_changed_is_not_sent_again()
    {
        _server.Says(ListServer.Ok("192.0.2.1\n", "ETag: \"v1\"", "Last-Modified: Fri, 20 Nov 2026 07:00:00 GMT"));
        var feed = New();
        await feed.UpdateAsync(isForced: false, Stop);
        _server.Says(ListServer.Head("304 Not Modified"));
        _time.Advance(TimeSpan.FromHours(5));

        Assert.Null(await New().UpdateAsync(isForced: false, Stop));

        var asked = _server.Asked.Last();
        Assert.Contains("\r\nIf-None-Match: \"v1\"\r\n", asked, StringComparison.Ordinal);
        Assert.Contains("\r\nIf-Modified-Since: Fri, 20 Nov 2026 07:00:00 GMT\r\n", asked, StringComparison.Ordinal);
        var status = New().Status(_time.Now);
        Assert.Equal((_time.Now - TimeSpan.FromHours(5), _time.Now), (status.Updated!.Value, status.Checked!.Value));
        Assert.Equal(1, _changes);
    }

    [Fact]
    public async Task An_entry_keeps_the_time_since_when_the_list_has_it()
    {
        _server.Says(ListServer.Ok("192.0.2.1\n192.0.2.9\n"));
        var feed = New();
        await feed.UpdateAsync(isForced: false, Stop);
        var first = _time.Now;
        _time.Advance(TimeSpan.FromHours(4));
        _server.Says(ListServer.Ok("192.0.2.9\n192.0.2.0/28\n192.0.2.1\n"));

        await feed.UpdateAsync(isForced: false, Stop);

        Assert.Equal([("192.0.2.0/28", _time.Now), ("192.0.2.1", first), ("192.0.2.9", first)], feed.Entries().Select(entry => (entry.Network.ToString(), entry.Since)));
    }

    public static TheoryData<string, string> Faults => new()
    {
        { "empty", "it is empty" },
        { "comments alone", "it is empty" },
        { "shrunk", "it shrank from 100 entries to 49" },
        { "web page", "web page (HTML)" },
        { "words", "it is no list of addresses" },
        { "UTF-16", "UTF-16" },
        { "zero bytes", "zero bytes" },
        { "too many entries", "max_entries is 1000" },
        { "gigabyte announced", "longer than 1 MiB" },
        { "gigabyte sent", "longer than 1 MiB" },
        { "gzip bomb", "longer than 1 MiB" },
        { "gzip cut off", "packed" },
        { "gzip of nothing", "127.0.0.1: " },
        { "packed otherwise", "packed as br" },
        { "cut off", "it broke off in the middle" },
        { "cut off in a chunk", "it broke off in the middle" },
        { "not found", "HTTP 404; check url" },
        { "forbidden", "HTTP 403; check key" },
        { "busy", "HTTP 503" },
        { "no HTTP", "127.0.0.1: " },
        { "nothing", "127.0.0.1: " },
        { "circle", "redirections" },
        { "to a file", "redirects from http to file" },
        { "to nowhere", "redirects to nowhere" },
        { "unasked 304", "nothing has changed" },
        { "endless headers", "127.0.0.1: " },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Whatever_goes_wrong_the_list_of_before_stays_and_status_says_why(string fault, string why)
    {
        _server.Says(ListServer.Ok(string.Concat(Enumerable.Range(0, 100).Select(number => $"192.0.2.{number}\n"))));
        var feed = New(settings => settings with { MaxBytes = 1 << 20, MaxEntries = 1000 });
        Assert.Null(await feed.UpdateAsync(isForced: false, Stop));
        var held = Held(feed);
        _server.Answer = Faulty(fault);

        var problem = await feed.UpdateAsync(isForced: false, Stop);

        Assert.Contains(why, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("/list", problem, StringComparison.Ordinal);
        Assert.Equal(held, Held(feed));
        Assert.Equal(held, Held(New()));
        Assert.Equal(1, _changes);
        Assert.Equal($"the last try failed, and the list of before stays: {problem}", feed.Status(_time.Now).Note);
        Assert.Null(feed.Status(_time.Now).Problem);
    }

    [Fact]
    public async Task A_server_that_drips_is_left_when_the_time_for_the_whole_is_over()
    {
        var dripping = new TaskCompletionSource();
        _server.Answer = async (_, stream, stop) =>
        {
            await stream.WriteAsync(ListServer.Head("200 OK", "Content-Length: 100000"), stop);
            await stream.WriteAsync("192.0.2.1\n"u8.ToArray(), stop);
            dripping.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, stop);
        };
        var feed = New();
        var update = feed.UpdateAsync(isForced: false, Stop);
        await dripping.Task;

        _time.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal("127.0.0.1: not done within 2 min (timeout)", await update);
        Assert.Contains("nothing is held", feed.Status(_time.Now).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_down_for_a_week_costs_nothing_but_age_which_status_tells()
    {
        _server.Says(ListServer.Ok("192.0.2.1\n"));
        var feed = New();
        await feed.UpdateAsync(isForced: false, Stop);
        await _server.DisposeAsync();

        for (var day = 0; day < 7; day++)
        {
            _time.Advance(TimeSpan.FromDays(1));
            Assert.NotNull(await feed.UpdateAsync(isForced: false, Stop));
        }

        Assert.Equal(["192.0.2.1"], Held(feed));
        Assert.StartsWith("STALE: the list of 7 d ago is in force: 127.0.0.1: ", feed.Status(_time.Now).Problem, StringComparison.Ordinal);
        Assert.StartsWith("STALE: the list of 7 d ago is in force", New().Status(_time.Now).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_that_shrank_is_taken_when_the_operator_wants_it()
    {
        _server.Says(ListServer.Ok(string.Concat(Enumerable.Range(0, 100).Select(number => $"192.0.2.{number}\n")), "ETag: \"v1\""));
        var feed = New();
        await feed.UpdateAsync(isForced: false, Stop);
        _server.Says(ListServer.Ok("192.0.2.1\n"));
        Assert.NotNull(await feed.UpdateAsync(isForced: false, Stop));

        Assert.Null(await feed.UpdateAsync(isForced: true, Stop));

        Assert.Equal(["192.0.2.1"], Held(feed));
        Assert.DoesNotContain("If-None-Match", _server.Asked.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_last_line_without_an_end_counts_only_where_the_server_said_how_long_the_list_is()
    {
        _server.Says([.. ListServer.Head("200 OK"), .. "192.0.2.1\n192.0.2.12"u8]);
        var feed = New();
        await feed.UpdateAsync(isForced: false, Stop);
        Assert.Equal(["192.0.2.1"], Held(feed));

        _server.Says(ListServer.Ok("192.0.2.1\n192.0.2.12"));
        await feed.UpdateAsync(isForced: false, Stop);
        Assert.Equal(["192.0.2.1", "192.0.2.12"], Held(feed));
    }

    [Fact]
    public async Task A_packed_list_is_unpacked()
    {
        _server.Says(ListServer.Ok(Packed("192.0.2.1\n"u8.ToArray()), "Content-Encoding: gzip"));
        var feed = New();

        Assert.Null(await feed.UpdateAsync(isForced: false, Stop));

        Assert.Equal(["192.0.2.1"], Held(feed));
    }

    [Fact]
    public async Task A_redirection_is_followed_to_the_list()
    {
        _server.Answer = (path, stream, stop) => stream.WriteAsync(path == "/list" ? ListServer.Head("302 Found", "Location: /there") : ListServer.Ok("192.0.2.7\n"), stop).AsTask();
        var feed = New();

        Assert.Null(await feed.UpdateAsync(isForced: false, Stop));

        Assert.Equal(["192.0.2.7"], Held(feed));
    }

    [Fact]
    public async Task APIBANs_pages_are_followed_from_where_the_last_ended_and_an_entry_ends_a_week_after_it_was_named()
    {
        _server.Answer = (path, stream, stop) => stream.WriteAsync(ListServer.Ok(path switch
        {
            "/api/test-key/banned/100" => """{"ipaddress":["192.0.2.1","192.0.2.2"],"ID":"200"}""",
            "/api/test-key/banned/200" => """{"ipaddress":["192.0.2.3"],"ID":"300"}""",
            "/api/test-key/banned/400" => """{"ipaddress":["192.0.2.9"],"ID":"none"}""",
            _ => """{"ipaddress":["no new bans"],"ID":"none"}""",
        }), stop).AsTask();
        var feed = Apiban();
        Assert.Null(await feed.UpdateAsync(isForced: false, Stop));
        Assert.Equal(["192.0.2.1", "192.0.2.2", "192.0.2.3"], Held(feed));
        _time.Advance(TimeSpan.FromDays(4));
        _server.Answer = (path, stream, stop) => stream.WriteAsync(ListServer.Ok(path == "/api/test-key/banned/300"
            ? """{"ipaddress":["192.0.2.2"],"ID":"400"}""" : """{"ipaddress":["no new bans"],"ID":"none"}"""), stop).AsTask();

        Assert.Null(await Apiban().UpdateAsync(isForced: false, Stop));
        _time.Advance(TimeSpan.FromDays(4));
        var later = Apiban();
        Assert.Null(await later.UpdateAsync(isForced: false, Stop));

        Assert.Equal(["192.0.2.2"], Held(later));
        Assert.Equal("GET /api/test-key/banned/400 HTTP/1.1", _server.Asked.Last().Split("\r\n")[0]);
    }

    [Fact]
    public async Task The_key_is_in_no_message()
    {
        _server.Says(ListServer.Head("403 Forbidden"));

        var problem = await Apiban().UpdateAsync(isForced: false, Stop);

        Assert.Equal("127.0.0.1: HTTP 403; check key", problem);
    }

    [Fact]
    public async Task A_server_that_wants_to_be_left_alone_for_an_hour_is()
    {
        _server.Says(ListServer.Head("429 Too Many Requests", "Retry-After: 3600"));
        var feed = New();

        await feed.UpdateAsync(isForced: false, Stop);

        Assert.Equal(_time.Now + TimeSpan.FromHours(1), feed.Status(_time.Now).Next);
    }

    [Fact]
    public async Task A_failure_is_tried_again_after_ten_minutes_and_then_twice_as_late_each_time_and_never_later_than_the_interval()
    {
        _server.Says(ListServer.Head("500 Oops"));
        var feed = New();
        List<TimeSpan> pauses = [];
        for (var failure = 0; failure < 6; failure++)
        {
            await feed.UpdateAsync(isForced: false, Stop);
            pauses.Add(feed.Status(_time.Now).Next!.Value - _time.Now);
        }

        Assert.Equal([10, 20, 40, 80, 160, 240], pauses.Select(pause => (int)pause.TotalMinutes));
    }

    [Fact]
    public async Task Of_another_URL_under_the_same_name_nothing_that_was_held_counts()
    {
        _server.Says(ListServer.Ok("192.0.2.1\n"));
        await New().UpdateAsync(isForced: false, Stop);

        var other = New(settings => settings with { Url = _server.Url("/other") });

        Assert.Empty(Held(other));
        Assert.Null(other.Status(_time.Now).Updated);
    }

    [Theory]
    [InlineData("192.0.2.1 1700000000\n")]
    [InlineData("nonsense\nend\n")]
    [InlineData("192.0.2.1 x\nend\n")]
    [InlineData("192.0.2.1 1700000000\n192.0.2.1-192.0.2.9 1700000000\nend\n")]
    [InlineData("192.0.2.1 99999999999999\nend\n")]
    [InlineData("")]
    public async Task A_kept_list_that_was_damaged_is_told_and_fetched_again(string damage)
    {
        _server.Says(ListServer.Ok("192.0.2.1\n"));
        await New().UpdateAsync(isForced: false, Stop);
        await File.WriteAllTextAsync(Path.Combine(_directory, "test.list"), damage, Stop);
        var feed = New();
        var damaged = Assert.Throws<IOException>(() => feed.Entries().Count());

        feed.Doubt(damaged.Message);

        Assert.Contains("delete the file", feed.Status(_time.Now).Problem, StringComparison.Ordinal);
        Assert.Equal(_time.Now, feed.Status(_time.Now).Next);
        Assert.Null(await feed.UpdateAsync(isForced: false, Stop));
        Assert.Equal(["192.0.2.1"], Held(feed));
    }

    [Fact]
    public async Task A_long_list_is_read_back_as_it_was_written()
    {
        // Longer than what is read at once, with lines that lie across.
        var entries = Enumerable.Range(0, 9_000).Select(number => number % 3 == 0 ? $"2001:db8:{number:x}::/{48 + (number % 17)}" : $"198.{18 + (number % 2)}.{number / 250}.{number % 250}").ToList();
        _server.Says(ListServer.Ok(string.Join('\n', entries)));

        Assert.Null(await New().UpdateAsync(isForced: false, Stop));

        Assert.Equal(entries.Select(Core.Events.Network.Parse).Select(network => network!.Value).Distinct().Order().Select(network => network.ToString()), Held(New()));
    }

    [Fact]
    public async Task A_file_is_a_list_too_and_one_that_is_gone_leaves_what_it_said()
    {
        var path = Path.Combine(_directory, "mine.txt");
        await File.WriteAllTextAsync(path, "192.0.2.1", Stop);
        var feed = New(settings => settings with { Url = null, File = path });
        Assert.Null(await feed.UpdateAsync(isForced: false, Stop));
        File.Delete(path);

        Assert.Equal($"{path}: there is no such file", await feed.UpdateAsync(isForced: false, Stop));

        Assert.Equal(["192.0.2.1"], Held(feed));
    }

    private static Func<string, Stream, CancellationToken, Task> Faulty(string fault) => async (_, stream, stop) =>
    {
        var gigabyte = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("192.0.2.1\n", 6_000)));
        var answer = fault switch
        {
            "empty" => ListServer.Ok(""),
            "comments alone" => ListServer.Ok("; nobody today\n"),
            "shrunk" => ListServer.Ok(string.Concat(Enumerable.Range(0, 49).Select(number => $"192.0.2.{number}\n"))),
            "web page" => ListServer.Ok("<html><body>Maintenance. 192.0.2.1</body></html>"),
            "words" => ListServer.Ok("Please log in.\nYour address: 192.0.2.1\n"),
            "UTF-16" => ListServer.Ok([0xff, 0xfe, .. Encoding.Unicode.GetBytes("192.0.2.1\n")]),
            "zero bytes" => ListServer.Ok("192.0.2.1\n\0\0\0\0"),
            "too many entries" => ListServer.Ok(string.Concat(Enumerable.Range(0, 1001).Select(number => $"198.51.{number / 256}.{number % 256}\n"))),
            "gigabyte announced" => ListServer.Head("200 OK", "Content-Length: 1000000000"),
            "gzip bomb" => ListServer.Ok(Packed(new byte[30 << 20]), "Content-Encoding: gzip"),
            "gzip cut off" => ListServer.Ok(Packed(gigabyte)[..^12], "Content-Encoding: gzip"),
            "gzip of nothing" => ListServer.Ok("no gzip", "Content-Encoding: gzip"),
            "packed otherwise" => ListServer.Ok("192.0.2.1\n", "Content-Encoding: br"),
            "cut off" => [.. ListServer.Head("200 OK", "Content-Length: 5000"), .. "192.0.2.1\n"u8],
            "cut off in a chunk" => [.. ListServer.Head("200 OK", "Transfer-Encoding: chunked"), .. "10\r\n192.0.2.1\n"u8],
            "not found" => ListServer.Head("404 Not Found"),
            "forbidden" => ListServer.Head("403 Forbidden"),
            "busy" => ListServer.Head("503 Busy"),
            "no HTTP" => "192.0.2.1\n192.0.2.2\n"u8.ToArray(),
            "circle" => ListServer.Head("301 Moved", "Location: /list"),
            "to a file" => ListServer.Head("302 Found", "Location: file:///etc/passwd"),
            "to nowhere" => ListServer.Head("302 Found"),
            "unasked 304" => ListServer.Head("304 Not Modified"),
            "endless headers" => [.. "HTTP/1.1 200 OK\r\n"u8, .. Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("X-More: xxxxxxxxxxxxxxxxxxxx\r\n", 4_000)))],
            _ => [],
        };
        await stream.WriteAsync(answer, stop);

        // No length: as much as whoever asked wants to read, and never more than a gigabyte.
        for (var sent = 0L; fault == "gigabyte sent" && sent < 1 << 30; sent += gigabyte.Length)
        {
            await stream.WriteAsync(sent == 0 ? [.. ListServer.Head("200 OK"), .. gigabyte] : gigabyte, stop);
        }
    };

    private static byte[] Packed(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionMode.Compress))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    private static List<string> Held(Feed feed) => [.. feed.Entries().Select(entry => entry.Network.ToString())];

    private Feed Apiban() => New(settings => settings with { Name = "apiban", Key = "test-key", Url = new Uri($"http://{_server.Address}/api/{{key}}/banned") });

    private Feed New(Func<FeedSettings, FeedSettings>? change = null)
    {
        var settings = new FeedSettings { Name = "test", Url = _server.Url() };
        var feed = new Feed(change?.Invoke(settings) ?? settings, _directory, () => _changes++, _time, NullLogger.Instance);
        _made.Add(feed);
        return feed;
    }
}
