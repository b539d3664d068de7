console.log("plain script");
