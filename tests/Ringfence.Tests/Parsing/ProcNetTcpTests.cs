using System.Text;
using Ringfence.Core.Events;
using Ringfence.Core.Parsing;
using Xunit;

namespace Ringfence.Tests.Parsing;

public sealed class ProcNetTcpTests
{
    private const string Table4 = """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1234 1 0000000000000000 100 0 0 10 0
           1: 0200A8C0:0016 076433C6:D431 01 00000000:00000000 02:000A7214 00000000     0        0 5678 2 0000000000000000 20 4 31 10 -1

        """;

    private const string Table6 = """
          sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 0000000000000000FFFF00000200A8C0:0016 0000000000000000FFFF0000076433C6:D431 01 00000000:00000000 02:000A7214 00000000     0        0 9 2 0 20 4 31 10 -1
           1: B80D0120000000000000000001000000:0016 B80D0120000000000000000007000000:C001 06 00000000:00000000 00:00000000 00000000     0        0 0 3 0

        """;

    [Fact]
    public void Both_ends_and_the_state_of_each_socket_are_read()
    {
        var sockets = ProcNetTcp.Parse(Encoding.ASCII.GetBytes(Table4), littleEndian: true);

        Assert.Equal(2, sockets.Count);
        Assert.Equal(new TcpSocket(Parse("0.0.0.0"), 22, Parse("0.0.0.0"), 0, 10), sockets[0]);
        Assert.Equal(new TcpSocket(Parse("192.168.0.2"), 22, Parse("198.51.100.7"), 54321, ProcNetTcp.Established), sockets[1]);
    }

    [Fact]
    public void An_IPv4_peer_of_a_dual_stack_socket_is_an_IPv4_address()
    {
        var sockets = ProcNetTcp.Parse(Encoding.ASCII.GetBytes(Table6), littleEndian: true);

        Assert.Equal(new TcpSocket(Parse("192.168.0.2"), 22, Parse("198.51.100.7"), 54321, ProcNetTcp.Established), sockets[0]);
        Assert.Equal(new TcpSocket(Parse("2001:db8::1"), 22, Parse("2001:db8::7"), 0xc001, 6), sockets[1]);
    }

    [Fact]
    public void On_a_big_endian_machine_the_number_reads_as_the_address()
    {
        var table = "   0: C0A80002:0016 C6336407:D431 01 \n"u8;

        Assert.Equal(Parse("198.51.100.7"), Assert.Single(ProcNetTcp.Parse(table, littleEndian: false)).Remote);
    }

    [Theory]
    [InlineData("0 0100007F:0016 00000000:0000 0A")]
    [InlineData("0: 0100007F:0016 00000000:0000")]
    [InlineData("0: 0100007F:016 00000000:0000 0A")]
    [InlineData("0: 0100007:0016 00000000:0000 0A")]
    [InlineData("0: +100007F:0016 00000000:0000 0A")]
    [InlineData("0: 0100007G:0016 00000000:0000 0A")]
    [InlineData("0: 0100007F:0016 00000000:0000 0A0")]
    [InlineData("0: 0100007F0016 00000000:0000 0A")]
    public void A_line_of_another_shape_is_passed_over(string line) =>
        Assert.Empty(ProcNetTcp.Parse(Encoding.ASCII.GetBytes(line), littleEndian: true));

    [Fact]
    public void A_million_hostile_bytes_end_without_an_exception_and_good_lines_among_them_are_found()
    {
        var random = new Random(7);
        var alphabet = "0123456789ABCDEFabcdef: \n\r\0\xff"u8.ToArray();
        var bytes = new byte[1_000_000];
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = alphabet[random.Next(alphabet.Length)];
        }

        var good = Encoding.ASCII.GetBytes("\n  1: 0200A8C0:0016 076433C6:D431 01 x\n");
        for (var i = 0; i < 100; i++)
        {
            good.CopyTo(bytes, i * 10_000);
        }

        var sockets = ProcNetTcp.Parse(bytes, littleEndian: true);

        Assert.Equal(100, sockets.Count(socket => socket.Remote == Parse("198.51.100.7")));
    }

    [Fact]
    public void Mutations_of_a_table_never_throw()
    {
        var random = new Random(11);
        for (var i = 0; i < 5000; i++)
        {
            var bytes = Encoding.ASCII.GetBytes(i % 2 == 0 ? Table4 : Table6);
            for (var flips = random.Next(1, 8); flips > 0; flips--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            Assert.True(ProcNetTcp.Parse(bytes.AsSpan(0, random.Next(bytes.Length + 1)), littleEndian: true).Count <= 4);
        }
    }

    private static Address Parse(string text) => Address.Parse(text)!.Value;
}
