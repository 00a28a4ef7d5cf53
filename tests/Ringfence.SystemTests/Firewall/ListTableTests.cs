using System.Net;
using System.Net.Sockets;
using Ringfence.Core.Events;
using Ringfence.Core.Lists;
using Ringfence.Enforcement;
using Xunit;

namespace Ringfence.SystemTests.Firewall;

public sealed class ListTableTests : IAsyncDisposable
{
    private readonly Wall _wall = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_listed_source_is_dropped_and_counted_for_each_list_that_holds_it()
    {
        using var table = New();
        await LoadAsync(table, ("voipbl", [Wall.Attacker4, "203.0.113.0/24", "2001:db8:66::/48"]), ("drop", [$"{Wall.Attacker4}/32", "192.0.2.0/24"]));

        _wall.AssertPhoneAloneArrives(withIPv6: true);
        Assert.True(table.IsWhole);
        var dropped = table.Dropped();
        Assert.Equal(1, dropped["on/voipbl/drop"]);
        Assert.True(dropped["on/voipbl"] >= 1, "neighbour discovery may ask more than once");
    }

    [Fact]
    public async Task Who_is_trusted_comes_in_from_whatever_list()
    {
        using var table = New();
        await LoadAsync(table, ("voipbl", ["198.51.100.0/25", "2001:db8::/32"]));
        Assert.False(_wall.Arrives(Wall.Phone4, Wall.Pbx4));

        table.Trust([Network.Parse(Wall.Phone4)!.Value, Network.Parse("2001:db8:7::/48")!.Value]);

        _wall.AssertPhoneAloneArrives(withIPv6: true);
    }

    [Fact]
    public async Task Counts_outlast_an_exchange_and_an_empty_list_blocks_nobody()
    {
        using var table = New();
        await LoadAsync(table, ("voipbl", [Wall.Attacker4]));
        Assert.False(_wall.Arrives(Wall.Attacker4, Wall.Pbx4));
        await LoadAsync(table, ("voipbl", [Wall.Attacker4, "203.0.113.9"]));
        Assert.False(_wall.Arrives(Wall.Attacker4, Wall.Pbx4));
        Assert.Equal(2, table.Dropped()["on/voipbl"]);

        await LoadAsync(table, ("voipbl", []));

        Assert.True(_wall.Arrives(Wall.Attacker4, Wall.Pbx4));
    }

    [Fact]
    public async Task While_lists_are_exchanged_nobody_comes_through_who_is_on_the_old_and_on_the_new_and_nobody_else_is_held_up()
    {
        using var table = New();
        var random = new Random(5);
        string[] Some() => [.. Enumerable.Range(0, 5_000).Select(_ => $"203.{random.Next(256)}.{random.Next(256)}.{random.Next(256)}"), Wall.Attacker4];
        await LoadAsync(table, ("a", Some()));
        using var receiving = Wall.Udp(_wall.Pbx, Wall.Pbx4, 0);
        using var attacker = Wall.Udp(_wall.Outside, Wall.Attacker4, 0);
        using var phone = Wall.Udp(_wall.Outside, Wall.Phone4, 0);
        var isOver = false;
        var sent = 0;
        var flood = new Thread(() =>
        {
            // Bounded, should the exchanges never end. A packet of the phone to a hundred of the attacker, so that none is lost for want of room.
            for (; !Volatile.Read(ref isOver) && sent < 20_000_000; sent++)
            {
                (sent % 100 == 0 ? phone : attacker).SendTo("x"u8, receiving.LocalEndPoint!);
            }
        });
        int[] seen = [0, 0];
        var reader = new Thread(() =>
        {
            receiving.ReceiveTimeout = 1000;
            var from = (EndPoint)new IPEndPoint(IPAddress.Any, 0);
            try
            {
                while (true)
                {
                    receiving.ReceiveFrom(new byte[16], ref from);
                    seen[((IPEndPoint)from).Address.ToString() == Wall.Phone4 ? 0 : 1]++;
                }
            }
            catch (SocketException)
            {
                // Nothing for a second: it is over.
            }
        });
        reader.Start();
        flood.Start();

        for (var exchange = 0; exchange < 40; exchange++)
        {
            await LoadAsync(table, (exchange % 2 == 0 ? "b" : "a", Some()));
        }

        Volatile.Write(ref isOver, true);
        flood.Join();
        reader.Join();
        TestContext.Current.TestOutputHelper?.WriteLine($"{sent} packets in 40 exchanges");
        Assert.True(sent > 10_000, $"only {sent} packets were sent");
        Assert.Equal(0, seen[1]);
        Assert.Equal((sent + 99) / 100, seen[0]);
    }

    [Fact]
    public async Task What_a_killed_load_left_is_gone_after_the_next_one()
    {
        using (var before = New())
        {
            await LoadAsync(before, ("a", [Wall.Attacker4]));
        }

        _wall.Nft("add", "map", "inet", "ringfence_lists", "g7_4_32", "{ type ipv4_addr : counter; size 10; }");
        _wall.Nft("add", "counter", "inet", "ringfence_lists", "on/gone");
        _wall.Nft("add", "element", "inet", "ringfence_lists", "g7_4_32", "{ 192.0.2.1 : \"on/gone\" }");
        using var table = New();
        Assert.False(table.IsWhole);

        await LoadAsync(table, ("a", [Wall.Attacker4]));

        Assert.DoesNotContain("g7_", _wall.Nft("list", "table", "inet", "ringfence_lists"), StringComparison.Ordinal);
        Assert.DoesNotContain("on/gone", _wall.Nft("list", "table", "inet", "ringfence_lists"), StringComparison.Ordinal);
        _wall.AssertPhoneAloneArrives();
    }

    [Fact]
    public async Task A_load_that_fails_half_way_leaves_the_old_lists_as_they_were()
    {
        using (var before = New())
        {
            await LoadAsync(before, ("a", [Wall.Attacker4]));
        }

        var rules = _wall.Nft("list", "chain", "inet", "ringfence_lists", "near");

        // The sets are made, and the exchange of the rules is refused.
        var failing = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(failing, "#!/bin/sh\nread -r first\ncase $first in flush*) echo refused >&2; exit 1;; esac\n{ printf '%s\\n' \"$first\"; cat; } | exec nft -f -\n", Stop);
            File.SetUnixFileMode(failing, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            using var table = New(failing);
            var failure = await Assert.ThrowsAsync<FirewallException>(() => LoadAsync(table, ("a", [Wall.Phone4])));
            Assert.Contains("refused", failure.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(failing);
        }

        Assert.Equal(rules, _wall.Nft("list", "chain", "inet", "ringfence_lists", "near"));
        Assert.DoesNotContain("g2_", _wall.Nft("list", "table", "inet", "ringfence_lists"), StringComparison.Ordinal);
        _wall.AssertPhoneAloneArrives();
    }

    [Fact]
    public async Task A_table_that_somebody_flushed_or_deleted_is_not_whole_and_the_next_load_makes_it_anew()
    {
        using var table = New();
        await LoadAsync(table, ("a", [Wall.Attacker4]));

        _wall.Nft("flush", "chain", "inet", "ringfence_lists", "listed");
        Assert.False(table.IsWhole);
        _wall.Nft("flush", "ruleset");
        Assert.False(table.IsWhole);

        await LoadAsync(table, ("a", [Wall.Attacker4]));
        Assert.True(table.IsWhole);
        _wall.AssertPhoneAloneArrives();
    }

    [Fact]
    public async Task A_ban_that_somebody_takes_out_while_the_watch_does_not_listen_is_put_back()
    {
        await _wall.StartAsync(Wall.Active(Wall.Attacker4));
        _wall.Watch();
        await Wall.UntilAsync(() => _wall.Nftables.Status.Problem is null && !_wall.Arrives(Wall.Attacker4, Wall.Pbx4), "the ban is in force");

        // Before and while elements are committed, which is the time in which nobody is told.
        using var table = New(unheard: commit => _wall.Nftables.Unheard(() =>
        {
            _wall.Nft("delete", "element", "inet", "ringfence", "banned4", $"{{ {Wall.Attacker4} }}");
            commit();
        }));
        await LoadAsync(table, ("a", ["203.0.113.7"]));

        await Wall.UntilAsync(() => _wall.List("banned4").Contains(Wall.Attacker4, StringComparison.Ordinal), "it is put back");

        // And it listens again.
        _wall.Nft("delete", "element", "inet", "ringfence", "banned4", $"{{ {Wall.Attacker4} }}");
        await Wall.UntilAsync(() => _wall.List("banned4").Contains(Wall.Attacker4, StringComparison.Ordinal), "it is put back again");
    }

    public ValueTask DisposeAsync() => _wall.DisposeAsync();

    private ListTable New(string nft = "nft", Action<Action>? unheard = null) =>
        new(new NftCommand([.. _wall.Pbx.Prefix, nft]), () => _wall.Pbx.Run(NetlinkSocket.Open), TimeProvider.System, unheard);

    private static async Task LoadAsync(ListTable table, params (string Name, string[] Entries)[] lists)
    {
        var merge = new ListMerge(new ProtectedNetworks([]));
        for (var list = 0; list < lists.Length; list++)
        {
            foreach (var entry in lists[list].Entries)
            {
                merge.Add(Network.Parse(entry)!.Value, list);
            }
        }

        await table.LoadAsync(merge.Merge(), [.. lists.Select(list => list.Name)], [], Stop);
    }
}
