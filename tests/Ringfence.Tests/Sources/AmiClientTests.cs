using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Ringfence.Core.Parsing;
using Ringfence.Sources;
using Ringfence.Tests.Parsing;
using Xunit;

namespace Ringfence.Tests.Sources;

public sealed class AmiClientTests : IDisposable
{
    private static readonly string Event = AmiParserTests.Event("InvalidAccountID", "5555");

    private readonly FakeManager _manager = new();
    private readonly Channel<SourceBatch> _batches = SourceBatch.NewChannel();
    private readonly ManualTime _time = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _manager.Dispose();

    [Fact]
    public async Task It_proves_that_it_knows_the_secret_without_sending_it_and_asks_for_security_events_alone()
    {
        var run = Run();
        await _manager.AcceptAsync(Stop);
        var challenge = await _manager.ReadAsync(Stop);
        await _manager.AnswerAsync(challenge, "Success", "Challenge: 202562115\r\n", Stop);

        var login = await _manager.ReadAsync(Stop);

#pragma warning disable CA5351, RS0030 // what AMI demands
        Assert.Equal(Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes("202562115s3cret"))), FakeManager.Header(login, "Key"));
#pragma warning restore CA5351, RS0030
        Assert.Equal(("MD5", "ringfence", "security"), (FakeManager.Header(login, "AuthType"), FakeManager.Header(login, "Username"), FakeManager.Header(login, "Events")));
        Assert.DoesNotContain("s3cret", _manager.Asked.ToString(), StringComparison.Ordinal);
        _manager.Close();
        await Assert.ThrowsAnyAsync<Exception>(() => run.EndAsync());
    }

    [Fact]
    public async Task A_refused_login_says_what_to_do_and_not_the_secret()
    {
        var run = Run();
        await _manager.AcceptAsync(Stop);
        await _manager.AnswerAsync(await _manager.ReadAsync(Stop), "Success", "Challenge: 202562115\r\n", Stop);
        await _manager.AnswerAsync(await _manager.ReadAsync(Stop), "Error", "Message: Authentication failed\r\n", Stop);

        var refused = await Assert.ThrowsAsync<AmiException>(() => run.EndAsync());

        Assert.Contains("login refused for user \"ringfence\"; check its secret, deny and permit in manager.conf", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2p1\r\n")]
    [InlineData("HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n")]
    public async Task What_is_no_manager_interface_is_told_as_such(string banner)
    {
        var run = Run();
        await _manager.AcceptAsync(Stop, banner);

        var wrong = await Assert.ThrowsAsync<AmiProtocolException>(() => run.EndAsync());

        Assert.DoesNotContain(banner[..4], wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_there_is_told_with_what_to_look_at()
    {
        var settings = _manager.Settings;
        _manager.Dispose();

        var none = await Assert.ThrowsAsync<AmiException>(() => new AmiClient(settings, _batches.Writer, _time).RunAsync(Stop));

        Assert.Contains("is enabled = yes in [general] of manager.conf", none.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_comes_before_the_answer_to_the_login_is_dropped_and_no_text_passes_for_the_answer()
    {
        var run = Run();
        await _manager.AcceptAsync(Stop);
        await _manager.AnswerAsync(await _manager.ReadAsync(Stop), "Success", "Challenge: 202562115\r\n", Stop);
        var login = await _manager.ReadAsync(Stop);
        await _manager.SayAsync($"Event: Hangup\r\nPrivilege: call,all\r\nCallerIDNum: \r\n\r\nResponse: Success\r\nActionID: 1\r\n\r\n{Event}", Stop);
        await _manager.AnswerAsync(login, "Success", "", Stop);

        Assert.Empty(await MessagesAsync());

        _manager.Close();
        await Assert.ThrowsAnyAsync<Exception>(() => run.EndAsync());
    }

    [Fact]
    public async Task A_message_in_pieces_is_handed_on_when_it_is_whole_and_half_a_one_never()
    {
        var run = Run();
        await _manager.LetInAsync(Stop);
        Assert.Empty(await MessagesAsync());
        await _manager.SayAsync(Event + Event[..150], Stop);
        Assert.Equal([Event], await MessagesAsync());

        await _manager.SayAsync(Event[150..] + Event[..200], Stop);
        Assert.Equal([Event], await MessagesAsync());
        _manager.Close();

        var lost = await Assert.ThrowsAsync<AmiException>(() => run.EndAsync());
        Assert.Contains("Asterisk has closed the connection", lost.Message, StringComparison.Ordinal);
        using var last = Assert.IsType<AmiBatch>(await _batches.Reader.ReadAsync(Stop));
        Assert.False(last.IsLoggedIn);
        Assert.False(_batches.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_ping_that_is_answered_is_a_sign_of_life_and_one_that_is_not_ends_the_connection()
    {
        var run = Run();
        await _manager.LetInAsync(Stop);
        Assert.Empty(await MessagesAsync());
        // The batch above comes before the clock that pings: time that moves in between moves for nobody.
        while (await _time.NextTimerAsync() != AmiConnection.Patience / 2)
        {
        }

        _time.Advance(AmiClient.PingEvery);
        var ping = await _manager.ReadAsync(Stop);
        await _manager.AnswerAsync(ping, "Success", "Ping: Pong\r\n", Stop);
        Assert.Empty(await MessagesAsync());

        _time.Advance(AmiClient.PingEvery);
        var again = await _manager.ReadAsync(Stop);
        Assert.NotEqual(FakeManager.Header(ping, "ActionID"), FakeManager.Header(again, "ActionID"));
        _time.Advance(AmiConnection.Patience);

        var dead = await Assert.ThrowsAsync<AmiException>(() => run.EndAsync());
        Assert.Contains("no answer to a ping in 10 s", dead.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_never_ends_is_skipped_and_said()
    {
        var run = Run();
        await _manager.LetInAsync(Stop);
        Assert.Empty(await MessagesAsync());

        await _manager.SayAsync(new string('x', AmiFrame.Longest + 20_000), Stop);
        await _manager.SayAsync($"\r\n\r\n{Event}", Stop);

        var skipped = 0L;
        var messages = new List<string>();
        while (!messages.Contains(Event))
        {
            using var batch = Assert.IsType<AmiBatch>(await _batches.Reader.ReadAsync(Stop));
            skipped += batch.Skipped;
            messages.AddRange(Messages(batch));
        }

        Assert.InRange(skipped, AmiFrame.Longest, AmiFrame.Longest + 20_000);
        _manager.Close();
        await Assert.ThrowsAnyAsync<Exception>(() => run.EndAsync());
    }

    private Task Run() => new AmiClient(_manager.Settings, _batches.Writer, _time).RunAsync(Stop);

    private async Task<List<string>> MessagesAsync()
    {
        using var batch = Assert.IsType<AmiBatch>(await _batches.Reader.ReadAsync(Stop));
        return Messages(batch);
    }

    private static List<string> Messages(AmiBatch batch)
    {
        var messages = new List<string>();
        for (var at = 0; batch.Next(ref at) is { IsEmpty: false } message;)
        {
            messages.Add(Encoding.Latin1.GetString(message));
        }

        return messages;
    }
}
