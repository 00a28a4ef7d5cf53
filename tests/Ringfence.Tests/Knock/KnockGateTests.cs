using FsCheck;
using FsCheck.Fluent;
using Ringfence.Core.Events;
using Ringfence.Core.Knock;
using Xunit;

namespace Ringfence.Tests.Knock;

public sealed class KnockGateTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private static readonly Address Phone = Address.Parse("198.51.100.7")!.Value;
    private static readonly KnockKey Anna = Key("anna", 1);
    private static readonly KnockKey Ben = Key("ben", 2);

    private readonly KnockGate _gate = new([Anna, Ben], Window, static _ => DateTimeOffset.MinValue);
    private int _nonces;

    public void Dispose() => _gate.Dispose();

    [Fact]
    public void Who_has_a_key_opens_for_where_he_is_or_for_the_address_that_he_states()
    {
        Assert.Equal(new KnockOpening("anna", Phone, "", Now), _gate.See(Packet(Anna), Phone, Now));
        Assert.Equal(new KnockOpening("ben", Phone, "trunks", Now), _gate.See(Packet(Ben, zone: "trunks"), Phone, Now));
        var stated = Address.Parse("2001:db8::7")!.Value;
        Assert.Equal(new KnockOpening("ben", stated, "", Now), _gate.See(Packet(Ben, address: stated), Phone, Now));
        Assert.Equal(3, _gate.Counts.Opened);
    }

    [Fact]
    public void A_packet_opens_once_and_no_copy_of_it_again()
    {
        var packet = Packet(Anna);

        Assert.NotNull(_gate.See(packet, Phone, Now));
        Assert.Null(_gate.See(packet, Address.Parse("203.0.113.66")!.Value, Now));
        Assert.Null(_gate.See(packet, Phone, Now + Window));
        Assert.Equal((1, 2), (_gate.Counts.Opened, _gate.Counts.Repeated));
    }

    [Theory]
    [InlineData(-60, true)]
    [InlineData(-61, false)]
    [InlineData(60, true)]
    [InlineData(61, false)]
    public void A_packet_counts_within_the_window_of_the_clock_and_no_longer(int seconds, bool opens)
    {
        Assert.Equal(opens, _gate.See(Packet(Anna, sent: Now.AddSeconds(seconds)), Phone, Now) is not null);
        Assert.Equal(opens ? 0 : 1, _gate.Counts.Late + _gate.Counts.Strange);
    }

    [Fact]
    public void A_copy_never_opens_whenever_it_comes()
    {
        // Clocks of senders are off by up to the window, copies come at any time, and the process may start anew in between: what happens, how long after, and of or to whom.
        var step = Gen.Zip(Gen.Zip(Gen.Choose(0, 4), Gen.Choose(0, 19)), Gen.Choose(-60, 60));
        Prop.ForAll(step.ListOf().ToArbitrary(), steps =>
        {
            var book = new RoamingBook();
            var gate = new KnockGate([Anna, Ben], Window, book.After);
            List<byte[]> opened = [];
            var now = Now;
            foreach (var ((what, seconds), which) in steps)
            {
                now += TimeSpan.FromSeconds(seconds);
                switch (what)
                {
                    case 0:
                        gate.Dispose();
                        book = RoamingBook.Parse(book.Text(), static _ => true, now);
                        gate = new KnockGate([Anna, Ben], Window, book.After);
                        break;
                    case 1 when opened.Count > 0:
                        Assert.Null(gate.See(opened[Math.Abs(which) % opened.Count], Phone, now));
                        break;
                    default:
                        var packet = Packet(which % 2 == 0 ? Anna : Ben, sent: now.AddSeconds(which));
                        if (gate.See(packet, Phone, now) is { } opening)
                        {
                            book.See(opening.User, opening.Sent);
                            opened.Add(packet);
                        }

                        break;
                }
            }

            gate.Dispose();
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));
    }

    [Fact]
    public void A_packet_of_which_one_bit_is_changed_opens_nothing()
    {
        var packet = Packet(Anna);
        for (var bit = 0; bit < packet.Length * 8; bit++)
        {
            var damaged = packet.ToArray();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));

            Assert.Null(_gate.See(damaged, Phone, Now));
        }

        Assert.Equal(0, _gate.Counts.Opened);
        Assert.NotNull(_gate.See(packet, Phone, Now));
    }

    [Fact]
    public void What_nobody_with_a_key_made_opens_nothing_seeded()
    {
        var random = new Random(20261123);
        for (var round = 0; round < 100_000; round++)
        {
            var packet = new byte[random.Next(4) == 0 ? random.Next(200) : KnockPacket.Length];
            random.NextBytes(packet);
            if (packet.Length >= 8 && random.Next(2) == 0)
            {
                // Whoever listens knows the number of a user's turn.
                Packet(Anna).AsSpan(0, 8).CopyTo(packet);
            }

            Assert.Null(_gate.See(packet, Phone, Now));
        }

        Assert.Equal(0, _gate.Counts.Opened + _gate.Counts.Odd);
    }

    [Fact]
    public void A_flood_of_what_is_no_knock_allocates_nothing()
    {
        var strange = new byte[KnockPacket.Length];
        var forged = Packet(Anna);
        forged[50] ^= 1;
        _ = _gate.See(strange, Phone, Now);
        _ = _gate.See(forged, Phone, Now);

        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                _gate.See(strange, Phone, Now);
                _gate.See(forged, Phone, Now);
                _gate.See(strange.AsSpan(0, i % 92), Phone, Now);
            }
        }));
    }

    [Fact]
    public void Of_one_user_so_many_knocks_are_remembered_and_others_are_not_kept_out_by_him()
    {
        for (var i = 0; i < KnockGate.MostKnocks + 10; i++)
        {
            _gate.See(Packet(Anna), Phone, Now);
        }

        Assert.Equal((KnockGate.MostKnocks, 10), (_gate.Counts.Opened, _gate.Counts.TooMany));
        Assert.NotNull(_gate.See(Packet(Ben), Phone, Now));
        Assert.NotNull(_gate.See(Packet(Anna, sent: Now + (2 * Window)), Phone, Now + (2 * Window)));
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("127.0.0.1")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("ff02::1")]
    public void Nobody_opens_for_what_is_no_host_s_address(string address)
    {
        Assert.Null(_gate.See(Packet(Anna, address: Address.Parse(address)), Phone, Now));
        Assert.Equal(1, _gate.Counts.Odd);
    }

    [Fact]
    public void Two_knocks_of_one_user_have_nothing_in_common_but_his_number_of_the_minute()
    {
        var (one, other) = (Packet(Anna), Packet(Anna));
        Assert.Equal(one[..8], other[..8]);
        Assert.InRange(one[8..].Zip(other[8..]).Count(static pair => pair.First == pair.Second), 0, 20);
        Assert.NotEqual(one[..8], Packet(Anna, sent: Now.AddSeconds(KnockPacket.TurnSeconds))[..8]);
        Assert.NotEqual(one[..8], Packet(Ben)[..8]);
    }

    [Fact]
    public void A_key_is_read_from_its_file_and_its_secret_from_the_configuration()
    {
        var read = KnockKey.ParseFile(Anna.FileText)!;

        Assert.Equal(("anna", Anna.SecretText), (read.User, read.SecretText));
        Assert.Equal(Anna.SecretText, new KnockKey("anna", KnockKey.ParseSecret(Anna.SecretText)!).SecretText);
        Assert.All(["", "x", $"ringfence-knock 2 anna {Anna.SecretText}", $"ringfence-knock 1 anna {Anna.SecretText[1..]}", $"ringfence-knock 1 anna {Anna.SecretText} more", $"ringfence-knock 1 anna {Anna.SecretText[1..]}="], text => Assert.Null(KnockKey.ParseFile(text)));
    }

    private static KnockKey Key(string user, byte fill) => new(user, Enumerable.Repeat(fill, KnockKey.SecretBytes).ToArray());

    private byte[] Packet(KnockKey key, DateTimeOffset? sent = null, Address? address = null, string zone = "")
    {
        var nonce = new byte[KnockPacket.NonceLength];
        BitConverter.TryWriteBytes(nonce, ++_nonces);
        return KnockPacket.Write(key, new KnockRequest(sent ?? Now, address, zone), nonce);
    }
}
