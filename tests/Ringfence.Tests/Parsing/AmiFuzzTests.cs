using System.Text;
using Ringfence.Core.Parsing;
using Ringfence.Tests.Corpus;
using Xunit;

namespace Ringfence.Tests.Parsing;

/// <summary>No bytes on the manager interface throw or take long, and no text of an attacker names another address. Seeded: a failure comes again.</summary>
public sealed class AmiFuzzTests
{
    private static readonly byte[][] Messages = Cut([.. CorpusFiles.Steps.SelectMany(step => CorpusFiles.Read(step.Name, "ami") ?? [])]);

    [Fact]
    public void No_damaged_message_throws()
    {
        var random = new Random(20261121);
        var text = new AttackerText(random);
        var recorder = new Recorder();
        var parser = new AmiParser { ManagerOverHttp = false };
        for (var i = 0; i < 200_000; i++)
        {
            byte[] message = [.. Damaged(random, text), .. AmiFrame.End];

            var length = AmiFrame.LengthOf(message);
            parser.Read(message.AsSpan(0, length == 0 ? message.Length : length), ref recorder);

            _ = AmiAnswer.IsTo(message, "x");
        }

        Assert.Equal(200_000, parser.Counts.Messages);
        Assert.NotEmpty(recorder.Events);
        Assert.NotEmpty(recorder.Misses);
    }

    [Fact]
    public void Whatever_PJSIP_is_sent_the_message_ends_where_Asterisk_ended_it_and_names_its_sender()
    {
        var random = new Random(7);
        var text = new AttackerText(random);
        string[] pieces = ["\r\n", "\r\n\r\n", "\n", "\r", "Event: ", "RemoteAddress: IPV4/UDP/8.8.8.8/1", "SessionID: ", "AccountID: ", "Privilege: security,all", "x"];
        for (var i = 0; i < 100_000; i++)
        {
            var account = random.Next(2) == 0 ? text.Next(36, ":") : string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => pieces[random.Next(pieces.Length)]));
            account = account.Length > 36 ? account[..36] : account;
            var source = $"198.51.100.{1 + (i % 254)}";
            var message = Encoding.Latin1.GetBytes(AmiParserTests.Event("InvalidAccountID", account, $"IPV4/TCP/{source}/{1 + (i % 65_000)}", text.Next(700, "\r\n")));
            byte[] stream = [.. message, .. Encoding.Latin1.GetBytes(AmiParserTests.Event("InvalidAccountID", "5555"))];

            Assert.Equal(message.Length, AmiFrame.LengthOf(stream));
            var told = Recorder.ReadAmi(message);

            Assert.True(told.Events.Count == 1 && told.Events[0].Source == source && told.Events[0].Counts && told.Events[0].Account == account, $"case {i}: {Encoding.Latin1.GetString(message)}");
        }
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("\r\n\r\n")]
    [InlineData("Event: ")]
    [InlineData("RemoteAddress: \r\n")]
    [InlineData("Event: InvalidAccountID\r\nPrivilege: security,all\r\n")]
    public void A_megabyte_of_the_same_ends_in_linear_time(string piece)
    {
        var bytes = Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat(piece, 1_000_000 / piece.Length)));

        var time = ProcessorTime.Of(() =>
        {
            Assert.Empty(Recorder.ReadAmi(bytes).Events);
            _ = AmiSecurityEvent.Read(bytes);
        });

        Assert.InRange(time, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    private static byte[] Damaged(Random random, AttackerText text)
    {
        var message = Messages[random.Next(Messages.Length)].ToList();
        for (var changes = random.Next(4); changes > 0 && message.Count > 0; changes--)
        {
            var at = random.Next(message.Count);
            switch (random.Next(5))
            {
                case 0:
                    message[at] = (byte)random.Next(256);
                    break;
                case 1:
                    message.RemoveRange(at, random.Next(Math.Min(40, message.Count - at + 1)));
                    break;
                case 2:
                    message.InsertRange(at, Encoding.Latin1.GetBytes(text.Next(100)));
                    break;
                case 3:
                    message.RemoveRange(at, message.Count - at);
                    break;
                default:
                    message.InsertRange(at, Messages[random.Next(Messages.Length)]);
                    break;
            }
        }

        return [.. message];
    }

    private static byte[][] Cut(byte[] stream)
    {
        var messages = new List<byte[]>();
        for (var at = 0; AmiFrame.LengthOf(stream.AsSpan(at)) is > 0 and var length; at += length)
        {
            messages.Add(stream[at..(at + length)]);
        }

        return [.. messages];
    }
}
